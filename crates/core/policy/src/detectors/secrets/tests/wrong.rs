//! Texts without secrets: words, code, tables, and what looks random and is no key.

use super::generate::Dice;
use super::{find, matcher};
use crate::detectors::secrets::SecretsOptions;
use crate::detectors::secrets::reader::ByteSet;

/// Lines of code, configuration, documents and talk.
const LINES: [&str; 96] = [
    "const password = document.getElementById('password').value;",
    "password = input('Enter your password: ')",
    "if user.password == hashed_password: return True",
    "password: string; // at least 8 characters, 1 digit",
    "String password = getPassword(userId2);",
    "PASSWORD=${DB_PASSWORD:-changeme}",
    "password: {{ .Values.postgres.password }}",
    "api_key = os.environ[\"OPENAI_API_KEY\"]",
    "const apiKey = process.env.ANTHROPIC_API_KEY;",
    "client = OpenAI(api_key=\"sk-...\")",
    "client = OpenAI(api_key=\"your-api-key-here\")",
    "export OPENAI_API_KEY=\"sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"",
    "OPENAI_API_KEY=<your key>",
    "curl -H \"Authorization: Bearer $TOKEN\" https://api.example.com",
    "curl -H \"Authorization: Bearer YOUR_ACCESS_TOKEN_12345\" https://api.example.com",
    "headers = {\"Authorization\": f\"Bearer {token}\"}",
    "aws_secret_access_key = YOUR_SECRET_ACCESS_KEY",
    "postgres://user:password@localhost:5432/db",
    "postgresql://postgres:postgres@db:5432/app",
    "mongodb+srv://<username>:<password>@cluster0.mongodb.net/test",
    "redis://:${REDIS_PASSWORD}@redis:6379/0",
    "https://example.com:8080/path?user=1@2",
    "https://mastodon.social:443/@someone/112233445566778899",
    "See https://en.wikipedia.org/wiki/Public-key_cryptography#Key_management for more.",
    "-----BEGIN RSA PRIVATE KEY-----\n...\n-----END RSA PRIVATE KEY-----",
    "The file begins with -----BEGIN PRIVATE KEY----- and ends with -----END PRIVATE KEY-----.",
    "-----BEGIN CERTIFICATE-----\nMIIDdzCCAl+gAwIBAgIEAgAAuTANBgkqhkiG9w0BAQUFADBaMQswCQYDVQQGEwJJ\nRTESMBAGA1UEChMJQmFsdGltb3JlMRMwEQYDVQQLEwpDeWJlclRydXN0MSIwIAYD\n-----END CERTIFICATE-----",
    "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEEVs/o5+uQbTjL3chynL4wXgUg2R9\n-----END PUBLIC KEY-----",
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJx2bT9o1rjvxJbVh0p5Qk3l9f2sG8yQ7xk2dD4eWm1p user@host",
    "max_tokens=4096, temperature=0.7, top_p=0.95, stop_token_ids=[151643,151645]",
    "\"usage\": {\"prompt_tokens\": 1234, \"completion_tokens\": 5678, \"total_tokens\": 6912}",
    "tokenizer = AutoTokenizer.from_pretrained(\"meta-llama/Llama-3.1-8B-Instruct\")",
    "model = AutoModelForCausalLM.from_pretrained(\"mistralai/Mistral-7B-Instruct-v0.3\")",
    "cache_key = f\"user:{user_id}:profile:v2\"",
    "\"primary_key\": \"orders_2024_01_customer_id\"",
    "<input type=\"password\" name=\"password\" id=\"login-password-field-1\" />",
    "<a href=\"/account/reset-password?step=2\">Forgot password?</a>",
    "localStorage.setItem('token', response.data.token);",
    "csrf_token: \"{{ csrf_token() }}\"",
    "next_page_token: CAUQAA8xY2RlZmdoaWprbG1ub3A",
    "git commit -m 'rotate the secret' && git log --format='%H' -1",
    "commit 9fceb02d0ae598e95dc970b74767f19372d61af8",
    "index 83db48f84ec878fbfb30b46d16630e944e34f205..bf269f4b6f0d8a2f5c5f6b3ae1c3a8c4d31b1f7f 100644",
    "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "FROM node:20-alpine@sha256:bf77dc26e48ea95fca9d1aceb5acfa69d2e546b765ec2abfb502975f1a2bf7de",
    "\"integrity\": \"sha512-v2kDEe57lecTulaDIuNTPy3Ry4gLGJ6Z1O3vE1krgXZNrsQ+LFTGHVxVjcXPs17LhbZVGedAJv8XZ1tvj5FvSg==\",",
    "ETag: \"33a64df551425fcc55e4d42a148795d9f25f89d4\"",
    "trace_id=4bf92f3577b34da6a3ce929d0e0e4736 span_id=00f067aa0ba902b7",
    "request id: 7d9f6b1e-3c54-4a8b-9f21-1f0a3b6c8d2e status: 200",
    "{\"id\": \"chatcmpl-9dQvKtXrJ8oQ5bYw2mPzLcN4s7TfU\", \"object\": \"chat.completion\"}",
    "{\"id\": \"msg_01XFDUDYJgAACzvnptvVoYEL\", \"type\": \"message\", \"role\": \"assistant\"}",
    "{\"tool_call_id\": \"call_abc123DEF456ghi789JKL012\", \"content\": \"72F\"}",
    "arn:aws:iam::123456789012:role/MyServiceRole-1A2B3C4D5E6F",
    "s3://my-bucket/2024/05/01/part-00000-8f14e45f-ceea-467f-9c2b-3d1a4b5c6d7e-c000.snappy.parquet",
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
    "background: url(data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7);",
    "| id | token_type | expires_in |\n|----|------------|------------|\n| 1 | Bearer | 3600 |",
    "The secret of good bread is time: 18 hours at 5 C, then 30 minutes at 250 C.",
    "Please explain how public-key cryptography works and why the private key must stay secret.",
    "What's the best way to store API keys: environment variables, or a vault?",
    "My password manager says that the password is weak; how do I make a strong one?",
    "The key to this problem is dynamic programming; see section 3.2.1 of the book.",
    "Token: a unit of text. Tokens: about 0.75 words each. Key terms: model, prompt.",
    "Authentication: Basic, Digest, Bearer. Authorization: role-based (RBAC-v2).",
    "import { SecretsManagerClient, GetSecretValueCommand } from \"@aws-sdk/client-secrets-manager\";",
    "const secret = await client.getSecretValue({ SecretId: 'prod/db/password-v2' });",
    "secretName: my-app-tls-2024",
    "secretKeyRef:\n  name: postgres-credentials-2\n  key: password",
    "kubectl create secret generic db-user-pass --from-literal=username=admin",
    "gcloud secrets versions access latest --secret=my-secret-1",
    "vault kv get -field=password secret/data/app2",
    "password_hash: $2b$12$EixZaYVK1fsbw1ZfbX3OXePaWxn96p36WQoeG6Lruj3vjPGga31lW",
    "verify(token, publicKey, { algorithms: ['RS256'] })",
    "response = requests.get(url, auth=('user', 'pass'))",
    "API_URL=https://api.example.com/v1/organizations/org-1234567890/projects",
    "key: item.id, value: item.name, index: 12",
    "<li key=\"item-550e8400-e29b-41d4-a716-446655440000\">text</li>",
    "{\"key\": \"550e8400-e29b-41d4-a716-446655440000\", \"value\": 1}",
    "export const KEY_CODES = { ENTER: 13, ESCAPE: 27, ARROW_DOWN: 40 };",
    "ssh -i ~/.ssh/id_ed25519 -o StrictHostKeyChecking=no ubuntu@10.0.12.34",
    "SHA256 fingerprint: nThbg6kXUpJWGl7E1IGOCspRomTxdCARLviKw6E5SY8",
    "lorem ipsum dolor sit amet, consectetur adipiscing elit sed do eiusmod tempor",
    "The quick-brown-fox-jumps-over-the-lazy-dog.and-then-some-more-words.html",
    "v1.2.3-alpha.4+build.5678 released on 2024-05-01T12:34:56.789Z (rev a1b2c3d)",
    "SELECT password_hash, salt FROM users WHERE token = $1 AND expires_at > now();",
    "UPDATE users SET password = 'x' WHERE id = 12345678;",
    "https://www.youtube.com/watch?v=dQw4w9WgXcQ&list=PLrAXtmErZgOeiKm4sgNOknGvNjby9efdf",
    "https://docs.google.com/document/d/1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms/edit",
    "<div class=\"sk-folding-cube sk-circle-fade-dot-12\"></div>",
    "Set `ANTHROPIC_API_KEY` (it begins with `sk-ant-`) and `GITHUB_TOKEN` (`ghp_...`).",
    "re_pattern_for_matching_identifiers_in_source_files = re.compile(r'[A-Za-z_]+')",
    "assert sk_live_mode_is_enabled_for_the_account is not None",
    "AKIAIOSFODNN7EXAMPLE and wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY are Amazon's examples.",
    "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "0x742d35Cc6634C0532925a3b844Bc454e4438f44e sent 1.5 ETH, tx 0x5c504ed432cb51138bcf09aa5e8a410dd4a1e204ef84bfed1be16dfba1b22060",
    "npm_config_registry=https://registry.npmjs.org npm_package_version=1.0.0",
];

#[test]
fn lines_of_every_day_have_no_secrets() {
    let matcher = matcher(&SecretsOptions::default());
    let mut wrong = Vec::new();
    for line in LINES {
        for text in [
            line.to_owned(),
            format!("{line}\n{line}"),
            format!("{{\"text\": {line:?}}}"),
        ] {
            for seen in find(matcher.as_ref(), text.as_bytes()) {
                wrong.push(format!(
                    "{} {:?} in {text:?}",
                    seen.entity,
                    &text[seen.start..seen.end]
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Lines with something random that is no secret: `%h40` stands for hexadecimal digits,
/// `%b` for base64, `%l` for letters and digits, `%d` for digits, `%u` for a UUID.
const RANDOM: [&str; 24] = [
    "commit %h40",
    "%h32  ./src/file%d2.rs",
    "%h64 *image.tar",
    "id: %u, parent: %u",
    "| %u | %d5 | %h12 |",
    "data:image/png;base64,%b400",
    "\"integrity\": \"sha512-%b86==\"",
    "sha256:%h64",
    "\"etag\": \"%h32\", \"size\": %d9",
    "trace=%h32 span=%h16",
    "{\"id\": \"chatcmpl-%l29\", \"created\": 17%d8}",
    "call_%l24 msg_%l24 run_%l24",
    "https://example.com/a/%l22/b?v=%l11&t=%d9",
    "order %d9 ref %h10 invoice INV-%d5",
    "{\"key\": \"%u\", \"value\": \"%l8\"}",
    "checksum = \"%h64\"",
    "%h8:%h16:%d3",
    "session %u from 10.0.%d2.%d2",
    "%b76",
    "version: 1.%d2.%d2+%h7",
    "tx 0x%h64 block %d8",
    "image: registry.example.com/app:%h8@sha256:%h64",
    "[%l12](https://cdn.example.com/%h20.js)",
    "{\"id\":\"%u\",\"url\":\"https://img.example.com/%l20.png?w=%d3\",\"n\":%d4}",
];

/// One of them.
fn random_line(dice: &mut Dice) -> String {
    let mut line = String::new();
    let mut parts = dice.of(&RANDOM).split('%');
    line.push_str(parts.next().unwrap());
    for part in parts {
        let (kind, rest) = part.split_at(1);
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (count, rest) = if kind == "u" {
            ("0", rest)
        } else {
            rest.split_at(digits)
        };
        let count = count.parse().unwrap();
        let made = match kind {
            "h" => dice.text(HEX, count),
            "b" => dice.text(ByteSet::of(b"09AZaz++//"), count),
            "l" => dice.text(ByteSet::of(b"09AZaz"), count),
            "d" => dice.text(ByteSet::of(b"09"), count),
            _ => [8, 4, 4, 4, 12]
                .map(|count| dice.text(HEX, count))
                .join("-"),
        };
        line.push_str(&made);
        line.push_str(rest);
    }
    line
}

const HEX: ByteSet = ByteSet::of(b"09af");

#[test]
fn what_is_random_is_not_a_secret_for_that() {
    let matcher = matcher(&SecretsOptions::default());
    let mut dice = Dice::new(11);
    let mut wrong = Vec::new();
    let lines = 20_000;
    for _ in 0..lines {
        let text = random_line(&mut dice);
        for seen in find(matcher.as_ref(), text.as_bytes()) {
            wrong.push(format!(
                "{} {:?} in {text:?}",
                seen.entity,
                &text[seen.start..seen.end]
            ));
        }
    }
    assert!(
        wrong.len() * 4000 <= lines,
        "{}\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
