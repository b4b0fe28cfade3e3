//! Single cases of what is found: each with the secret and the name of its rule.

use super::generate::Dice;
use super::{Seen, find, in_pieces, matcher};
use crate::detectors::secrets::SecretsOptions;
use crate::detectors::secrets::reader::ByteSet;

const LETTERS: ByteSet = ByteSet::of(b"09AZaz");
const HEX: ByteSet = ByteSet::of(b"09af");

/// The same findings for the whole text, cut once anywhere, and byte by byte.
fn found(options: &SecretsOptions, text: &str) -> Vec<(String, String)> {
    let matcher = matcher(options);
    let text = text.as_bytes();
    let whole = find(matcher.as_ref(), text);
    for cut in 0..text.len() {
        let pieces = in_pieces(matcher.as_ref(), text, &[cut, text.len()]);
        assert_eq!(pieces, whole, "cut at {cut}");
    }
    let bytes: Vec<usize> = (1..=text.len()).collect();
    assert_eq!(
        in_pieces(matcher.as_ref(), text, &bytes),
        whole,
        "byte by byte"
    );
    let read = |seen: Seen| {
        let value = String::from_utf8_lossy(&text[seen.start..seen.end]).into_owned();
        (value, seen.entity)
    };
    whole.into_iter().map(read).collect()
}

/// Fills `{}` with what is made, and demands that exactly that is found.
fn finds(text: &str, secret: &str, entity: &str) {
    let text = text.replace("{}", secret);
    let expected = vec![(secret.to_owned(), entity.to_owned())];
    assert_eq!(
        found(&SecretsOptions::default(), &text),
        expected,
        "in {text:?}"
    );
}

#[test]
fn values_of_names_are_found() {
    let mut dice = Dice::new(5);
    let password = format!("{}-{}", dice.text(LETTERS, 9), dice.below(900) + 100);
    for text in [
        "PASSWORD={}",
        "DB_PASSWORD={}\nDB_HOST=db",
        "password: \"{}\"",
        "\"password\": \"{}\",",
        "spring.datasource.password={}",
        "Server=db;Uid=sa;Pwd={};",
        "jdbc:mysql://db:3306/x?user=sa&password={}&useSSL=true",
        "mysqldump --password {} --all",
        "mysqldump --password={} --all",
        "<password>{}</password>",
        "The password is: {}.",
        "**Password:** `{}`",
        "$config['password'] = '{}';",
        "'password' => '{}',",
        "let password: &str = \"{}\";",
        "{\\\"password\\\": \\\"{}\\\"}",
        "Passwort: {}",
    ] {
        finds(text, &password, "password");
    }
    let key = dice.text(LETTERS, 40);
    for text in [
        "API_KEY={}",
        "api_key: {}",
        "x-api-key: {}",
        "my secret key is {} now",
        "app.secret_key = b'{}'",
        "tool --api-key {} run",
        "GET /v1?x=1&api_key={}&y=2",
    ] {
        finds(text, &key, "generic_api_key");
    }
}

#[test]
fn credentials_of_headers_and_urls_are_found() {
    let mut dice = Dice::new(6);
    let token = dice.text(LETTERS, 40);
    for text in [
        "Authorization: Bearer {}",
        "-H 'authorization: bearer {}' -X POST",
        "{\"Authorization\": \"Bearer {}\"}",
        "send `Bearer {}` with it",
    ] {
        finds(text, &token, "bearer_token");
    }
    let password = dice.text(LETTERS, 14);
    for text in [
        "postgres://app:{}@db.example.com:5432/x",
        "postgresql+asyncpg://app:{}@localhost/x",
        "mongodb+srv://app:{}@cluster0.example.net/?retryWrites=true",
        "redis://:{}@cache:6379/0",
        "amqp://app:{}@mq:5672/%2f",
        "git clone https://bob:{}@git.example.com/x.git",
        "DATABASE_URL=\"mysql://app:{}@db/x\"",
    ] {
        finds(text, &password, "url_password");
    }
    finds(
        "curl -u admin:{} https://example.com",
        &password,
        "basic_auth",
    );
    let basic = ["YWRtaW46", "cGFzc3dv", "cmQxMjM0"].concat();
    finds("Authorization: Basic {}", &basic, "basic_auth");
    let unescaped = format!(
        "{}/{}#{}",
        dice.text(LETTERS, 6),
        dice.text(LETTERS, 4),
        dice.text(LETTERS, 4)
    );
    finds("postgres://app:{}@db/x", &unescaped, "url_password");
}

/// A key block of so many lines.
fn block(label: &str, dice: &mut Dice, join: &str) -> String {
    let mut lines = vec![format!("-----BEGIN {label}-----")];
    lines.extend((0..6).map(|_| dice.text(ByteSet::of(b"09AZaz++//"), 64)));
    lines.push(format!("{}==", dice.text(LETTERS, 18)));
    lines.push(format!("-----END {label}-----"));
    lines.join(join)
}

#[test]
fn private_keys_are_found_as_they_are_written() {
    let mut dice = Dice::new(8);
    for label in [
        "PRIVATE KEY",
        "RSA PRIVATE KEY",
        "OPENSSH PRIVATE KEY",
        "ENCRYPTED PRIVATE KEY",
        "PGP PRIVATE KEY BLOCK",
    ] {
        for join in ["\n", "\r\n", "\\n", " ", "\n    ", "\\n\" +\n  \"", "\n> "] {
            let key = block(label, &mut dice, join);
            finds("Here it is: {} and so on.", &key, "private_key");
        }
    }
    let armored = block("PGP PRIVATE KEY BLOCK", &mut dice, "\n").replacen(
        '\n',
        "\nVersion: GnuPG v2\nComment: x\n\n",
        1,
    );
    finds("{}\n", &armored, "private_key");
    let encrypted = block("RSA PRIVATE KEY", &mut dice, "\n").replacen(
        '\n',
        "\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00FF\n\n",
        1,
    );
    finds("\"key\": \"{}\"", &encrypted, "private_key");
    let json = block("PRIVATE KEY", &mut dice, "\\n");
    finds(
        "{\"type\": \"service_account\", \"private_key\": \"{}\\n\", \"client_id\": \"1\"}",
        &json,
        "private_key",
    );
    // Without its last line it ends with its last run.
    let cut = block("PRIVATE KEY", &mut dice, "\n");
    let cut = cut.split("\n-----END").next().unwrap();
    finds("{}\n\nThanks!", cut, "private_key");
}

#[test]
fn tokens_are_found_whatever_stands_around_them() {
    let mut dice = Dice::new(9);
    let jwt = format!(
        "eyJ{}.eyJ{}.{}",
        dice.text(LETTERS, 33),
        dice.text(LETTERS, 90),
        dice.text(LETTERS, 43)
    );
    finds("The token {}. Then", &jwt, "jwt");
    finds("token={}&x", &jwt, "jwt");
    let key = format!("AKIA{}", dice.text(ByteSet::of(b"27AZ"), 16));
    finds("id,{},x", &key, "aws_access_token");
    finds("%22{}%22", &key, "aws_access_token");
    let hash = format!("sk-ant-api03-{}AA", dice.text(LETTERS, 93));
    finds(
        "\u{5bc6}\u{94a5}\u{ff1a}{}\u{3002}",
        &hash,
        "anthropic_api_key",
    );
    let bot = format!(
        "{}:AA{}",
        dice.below(900_000_000) + 100_000_000,
        dice.text(LETTERS, 33)
    );
    finds("bot {} works", &bot, "telegram_bot_api_token");
    let two = format!("{} and {}", key, dice.text(HEX, 8));
    assert_eq!(found(&SecretsOptions::default(), &two).len(), 1);
}

#[test]
fn a_secret_key_beside_its_id_is_found() {
    let mut dice = Dice::new(10);
    let id = format!("AKIA{}", dice.text(ByteSet::of(b"27AZ"), 16));
    let secret = dice.text(ByteSet::of(b"09AZaz"), 40);
    let text = format!("aws_access_key_id = {id}\naws_secret_access_key = {secret}\n");
    let all = found(&SecretsOptions::default(), &text);
    let names: Vec<&str> = all.iter().map(|(_, entity)| entity.as_str()).collect();
    assert_eq!(names, ["aws_access_token", "aws_secret_access_key"]);
}

#[test]
fn options_choose_rules_and_allow_values() {
    let mut dice = Dice::new(12);
    let github = format!("ghp_{}", dice.text(LETTERS, 36));
    let text = format!("{github} password=\"{}-7x\"", dice.text(LETTERS, 9));
    let only = |rules: &[&str], exclude: &[&str], allow: &[String]| {
        let options = SecretsOptions {
            rules: rules.iter().map(|name| (*name).to_owned()).collect(),
            exclude: exclude.iter().map(|name| (*name).to_owned()).collect(),
            allow: allow.to_vec(),
            ..SecretsOptions::default()
        };
        let names = found(&options, &text).into_iter().map(|(_, entity)| entity);
        names.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(only(&[], &[], &[]), "github_pat password");
    assert_eq!(only(&["vcs"], &[], &[]), "github_pat");
    assert_eq!(only(&["password"], &[], &[]), "password");
    assert_eq!(only(&[], &["generic"], &[]), "github_pat");
    assert_eq!(only(&[], &[], std::slice::from_ref(&github)), "password");
    assert_eq!(only(&[], &[], &["ghp_*".to_owned()]), "password");
    assert_eq!(
        only(&[], &[], &[format!("{github}x")]),
        "github_pat password"
    );
}
