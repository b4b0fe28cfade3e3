//! The words of SQL that matter here.

use super::token::Kind;

/// What a word is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    Select,
    Union,
    /// `all`, `distinct`.
    Quantity,
    From,
    /// `where`, `having`, `when`, `on`: a condition follows.
    Condition,
    Case,
    /// `order`, `group`.
    Sort,
    By,
    Into,
    /// `outfile`, `dumpfile`.
    File,
    As,
    /// `null`, `true`, `false`.
    Literal,
    /// `like`, `rlike`, `regexp` and the like: compares.
    Matches,
    /// `in`, `is`, `between`.
    Within,
    Exists,
    /// `insert`, `replace`, `merge`.
    Insert,
    Update,
    Delete,
    /// `drop`, `create`, `alter`, `truncate`, `rename`.
    Define,
    /// `table`, `database` and what else can be defined.
    Object,
    /// `exec`, `execute`, `call`, `copy`.
    Execute,
    Declare,
    Wait,
    /// `delay`, `time`.
    Delay,
    Shutdown,
    Begin,
    If,
    Set,
    Procedure,
    /// `limit`, `offset`, `then`, `else`, `end` and the like: goes on.
    Clause,
    /// A function that waits, reads files or asks others: nobody else uses it.
    Danger,
    /// A function that takes a comparison for its first argument.
    Choice,
    /// A function of the language.
    Function,
    /// A table or package of the database's own.
    System,
    /// A word of English that names nothing.
    Stop,
    /// Any other.
    Name,
}

/// The kind of a word, in small letters.
pub(super) fn word(name: &[u8]) -> Kind {
    match name {
        b"and" | b"or" | b"xor" => Kind::Logic,
        b"not" => Kind::Not,
        b"div" | b"mod" | b"collate" => Kind::Arithmetic,
        _ => Kind::Word(key(name)),
    }
}

fn key(name: &[u8]) -> Word {
    match name {
        b"select" => Word::Select,
        b"union" | b"intersect" | b"except" | b"minus" => Word::Union,
        b"all" | b"distinct" | b"distinctrow" => Word::Quantity,
        b"from" => Word::From,
        b"where" | b"having" | b"when" | b"on" | b"using" => Word::Condition,
        b"case" => Word::Case,
        b"order" | b"group" => Word::Sort,
        b"by" => Word::By,
        b"into" => Word::Into,
        b"outfile" | b"dumpfile" => Word::File,
        b"as" => Word::As,
        b"null" | b"true" | b"false" => Word::Literal,
        b"like" | b"rlike" | b"ilike" | b"regexp" | b"glob" | b"similar" | b"sounds" => {
            Word::Matches
        }
        b"in" | b"is" | b"between" => Word::Within,
        b"exists" => Word::Exists,
        b"insert" | b"replace" | b"merge" => Word::Insert,
        b"update" => Word::Update,
        b"delete" => Word::Delete,
        b"drop" | b"create" | b"alter" | b"truncate" | b"rename" => Word::Define,
        b"table" | b"database" | b"schema" | b"view" | b"index" | b"user" | b"trigger"
        | b"function" | b"login" | b"role" | b"column" | b"tablespace" | b"sequence" => {
            Word::Object
        }
        b"exec" | b"execute" | b"call" | b"copy" => Word::Execute,
        b"declare" => Word::Declare,
        b"waitfor" => Word::Wait,
        b"delay" | b"time" => Word::Delay,
        b"shutdown" => Word::Shutdown,
        b"begin" => Word::Begin,
        b"if" | b"iif" => Word::If,
        b"set" => Word::Set,
        b"procedure" => Word::Procedure,
        b"limit" | b"offset" | b"fetch" | b"then" | b"else" | b"end" | b"asc" | b"desc"
        | b"values" | b"top" | b"for" | b"boolean" | b"mode" | b"binary" | b"escape" | b"join"
        | b"inner" | b"left" | b"right" | b"cross" | b"outer" | b"natural" | b"any" | b"some"
        | b"over" | b"partition" | b"window" | b"interval" | b"with" | b"to" | b"go" | b"print" => {
            Word::Clause
        }
        _ if is_danger(name) => Word::Danger,
        b"elt" | b"make_set" | b"ifnull" | b"nullif" | b"coalesce" | b"decode" | b"choose" => {
            Word::Choice
        }
        _ if is_function(name) => Word::Function,
        _ if is_system(name) => Word::System,
        _ if is_stop(name) => Word::Stop,
        _ => Word::Name,
    }
}

fn is_danger(name: &[u8]) -> bool {
    let known = matches!(
        name,
        b"sleep"
            | b"benchmark"
            | b"pg_sleep"
            | b"extractvalue"
            | b"updatexml"
            | b"load_file"
            | b"load_extension"
            | b"randomblob"
            | b"zeroblob"
            | b"regexp_substring"
            | b"crypt_key"
            | b"xmltype"
            | b"generate_series"
            | b"openrowset"
            | b"opendatasource"
            | b"sys_eval"
            | b"sys_exec"
            | b"dblink_connect"
            | b"lo_import"
            | b"lo_export"
            | b"pg_read_file"
            | b"pg_ls_dir"
            | b"query_to_xml"
            | b"database_to_xml"
            | b"analyse"
            | b"gtid_subset"
            | b"gtid_subtract"
            | b"json_keys"
            | b"name_const"
            | b"httpuritype"
            | b"ctxsys.drithsx.sn"
    );
    known
        || PACKAGES.iter().any(|package| name.starts_with(package))
        || matches!(name.strip_prefix(b"master.."), Some(b"xp_cmdshell"))
}

/// What the names of dangerous procedures begin with.
const PACKAGES: [&[u8]; 8] = [
    b"dbms_",
    b"utl_http",
    b"utl_inaddr",
    b"utl_smtp",
    b"user_lock.",
    b"xp_",
    b"sp_oa",
    b"sys.dbms_",
];

fn is_function(name: &[u8]) -> bool {
    matches!(
        name,
        b"ascii"
            | b"ord"
            | b"char"
            | b"chr"
            | b"nchar"
            | b"unicode"
            | b"hex"
            | b"unhex"
            | b"bin"
            | b"oct"
            | b"concat"
            | b"concat_ws"
            | b"group_concat"
            | b"string_agg"
            | b"substr"
            | b"substring"
            | b"mid"
            | b"instr"
            | b"locate"
            | b"position"
            | b"length"
            | b"char_length"
            | b"len"
            | b"lower"
            | b"upper"
            | b"lcase"
            | b"ucase"
            | b"cast"
            | b"convert"
            | b"count"
            | b"min"
            | b"max"
            | b"sum"
            | b"avg"
            | b"rand"
            | b"random"
            | b"floor"
            | b"exp"
            | b"pow"
            | b"row"
            | b"md5"
            | b"sha1"
            | b"sha2"
            | b"repeat"
            | b"reverse"
            | b"version"
            | b"user"
            | b"database"
            | b"schema"
            | b"current_user"
            | b"session_user"
            | b"system_user"
            | b"current_database"
            | b"db_name"
            | b"user_name"
            | b"suser_name"
            | b"host_name"
            | b"object_id"
            | b"sqlite_version"
            | b"connection_id"
            | b"last_insert_id"
            | b"to_char"
            | b"to_number"
            | b"json_extract"
    )
}

fn is_system(name: &[u8]) -> bool {
    const BEGINS: [&[u8]; 10] = [
        b"information_schema",
        b"pg_catalog",
        b"sysibm",
        b"rdb$",
        b"master.",
        b"mysql.",
        b"msys",
        b"v$",
        b"sys.",
        b"sqlite_",
    ];
    let known = matches!(
        name,
        b"dual"
            | b"sysobjects"
            | b"sysusers"
            | b"syscolumns"
            | b"sysdatabases"
            | b"all_users"
            | b"all_tables"
            | b"all_tab_columns"
            | b"user_tables"
            | b"pg_shadow"
            | b"pg_user"
            | b"pg_tables"
            | b"pg_class"
    );
    known || BEGINS.iter().any(|begin| name.starts_with(begin))
}

fn is_stop(name: &[u8]) -> bool {
    matches!(
        name,
        b"the"
            | b"an"
            | b"this"
            | b"that"
            | b"these"
            | b"those"
            | b"our"
            | b"your"
            | b"my"
            | b"his"
            | b"her"
            | b"its"
            | b"their"
            | b"each"
            | b"one"
            | b"two"
            | b"more"
            | b"which"
            | b"what"
            | b"of"
            | b"you"
            | b"we"
            | b"they"
            | b"it"
            | b"he"
            | b"she"
            | b"will"
            | b"would"
            | b"can"
            | b"should"
            | b"must"
            | b"are"
            | b"was"
            | b"were"
            | b"has"
            | b"have"
            | b"be"
            | b"please"
            | b"below"
            | b"above"
            | b"following"
            | b"at"
            | b"about"
    )
}
