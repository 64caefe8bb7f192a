//! The house rules that the compiler cannot check: read from the source tree, each with the rule it keeps
//! (ARCHITECTURE.md, "Never").

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::fs;
    use std::path::{Path, PathBuf};

    fn root() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
    }

    fn read(path: &str) -> String {
        fs::read_to_string(root().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
    }

    /// All files below `folder` that end in `ending`, as paths from the root, in order.
    fn files(folder: &str, ending: &str) -> Vec<String> {
        let mut found = Vec::new();
        let mut folders = vec![root().join(folder)];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
                let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
                if path.is_dir() {
                    if !matches!(name.as_str(), "target" | "node_modules") && !name.starts_with('.') {
                        folders.push(path);
                    }
                } else if name.ends_with(ending) {
                    found.push(path.strip_prefix(root()).unwrap().display().to_string());
                }
            }
        }
        found.sort();
        found
    }

    /// All Rust files of ours.
    fn rust() -> Vec<String> {
        let all = [files("crates", ".rs"), files("bench", ".rs"), files("examples", ".rs")].concat();
        assert!(all.len() > 50, "only {} Rust files: this test looks in the wrong place", all.len());
        all
    }

    fn crates() -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(root().join("crates")).unwrap().map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    /// The keys of one table of a crate's manifest.
    fn table(name: &str, table: &str) -> BTreeSet<String> {
        let manifest: toml::Table = read(&format!("crates/{name}/Cargo.toml")).parse().unwrap();
        manifest.get(table).and_then(toml::Value::as_table).map(|table| table.keys().cloned().collect()).unwrap_or_default()
    }

    /// A source file's product code: without its tests and without lines that are comments.
    fn product(path: &str) -> String {
        if path.ends_with("/tests.rs") || path.contains("/tests/") {
            return String::new();
        }
        let text = read(path);
        let text = text.split("\n#[cfg(test)]").next().unwrap_or_default();
        let code = |line: &&str| !line.trim_start().starts_with("//");
        text.lines().filter(code).map(|line| format!("{line}\n")).collect()
    }

    fn product_files(folder: &str) -> Vec<(String, String)> {
        let files: Vec<(String, String)> = files(folder, ".rs").into_iter().map(|path| (path.clone(), product(&path))).collect();
        assert!(!files.is_empty(), "{folder} holds no Rust file");
        files
    }

    fn nothing(found: &[String], rule: &str) {
        assert!(found.is_empty(), "{rule}:\n  {}", found.join("\n  "));
    }

    #[test]
    fn stairs_go_down_only() {
        let floors: BTreeMap<&str, &[&str]> = BTreeMap::from([
            ("model", &[] as &[&str]),
            ("metrics", &[]),
            ("words", &[]),
            ("store", &["model", "metrics"]),
            ("auth", &["model", "metrics", "store"]),
            ("outbound", &["model"]),
            ("delivery", &["model", "metrics", "words", "store", "outbound"]),
            ("providers", &["model", "outbound"]),
            ("http", &["model", "metrics", "words", "store", "auth", "delivery", "providers"]),
            // It attacks from outside.
            ("attack", &[]),
            ("postkey", &["model", "metrics", "words", "outbound", "store", "auth", "delivery", "providers", "http", "attack"]),
        ]);
        assert_eq!(crates(), floors.keys().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>());
        for (name, below) in floors {
            for dependency in table(name, "dependencies").union(&table(name, "build-dependencies")) {
                if let Some(ours) = dependency.strip_prefix("postkey-") {
                    assert!(below.contains(&ours), "crates/{name} depends on {dependency}: stairs go down only");
                }
            }
        }
    }

    #[test]
    fn libraries_stay_in_their_room() {
        // What ends in `*` stands for all that begin so.
        let rooms: [(&[&str], &[&str]); 11] = [
            (&["opentelemetry*", "tracing-opentelemetry"], &["http", "postkey"]),
            (&["axum*", "tower", "tower-http"], &["http"]),
            // A server in one, a client in the other.
            (&["hyper", "hyper-util", "tower-service"], &["http", "delivery", "outbound", "attack"]),
            (&["rusqlite", "tokio-postgres", "tokio-postgres-rustls", "sqlx"], &["store"]),
            (&["lettre"], &["delivery"]),
            (&["hyper-rustls", "reqwest", "ureq", "isahc", "curl"], &["outbound", "attack"]),
            (&["minijinja*", "fluent*", "icu*", "unic*", "intl*"], &["words"]),
            (&["maxminddb"], &["http"]),
            (&["rlibphonenumber", "phonenumber", "idna"], &["model"]),
            (&["aws-lc-rs", "ring", "rsa", "sha2"], &["model", "auth", "delivery", "providers", "attack", "postkey"]),
            (&["clap", "toml", "tracing-subscriber"], &["postkey"]),
        ];
        let is = |pattern: &str, name: &str| pattern.strip_suffix('*').map_or(pattern == name, |start| name.starts_with(start));
        let mut used = BTreeSet::new();
        for name in crates() {
            for dependency in table(&name, "dependencies") {
                for (libraries, homes) in rooms {
                    if libraries.iter().any(|library| is(library, &dependency)) {
                        assert!(homes.contains(&name.as_str()), "crates/{name} depends on {dependency}, which belongs in {homes:?}");
                        used.insert(dependency.clone());
                    }
                }
            }
        }
        for library in ["axum", "hyper", "rusqlite", "tokio-postgres", "lettre", "minijinja", "icu_plurals", "fluent-syntax", "maxminddb"] {
            assert!(used.contains(library), "{library} is nowhere: this test is out of date");
        }
        let ways = ["TcpStream", "hyper::client", "hyper_util::client"];
        let outward = |(path, text): &(String, String)| ways.iter().any(|way| text.contains(way)).then(|| path.clone());
        for name in ["model", "words", "auth", "providers", "http", "postkey"] {
            let found: Vec<String> = product_files(&format!("crates/{name}/src")).iter().filter_map(outward).collect();
            nothing(&found, "connections are opened by store, outbound and delivery (SMTP) only");
        }
        assert!(product_files("crates/outbound/src").iter().any(|file| outward(file).is_some()), "this test is out of date");
    }

    #[test]
    fn the_model_does_nothing() {
        for library in ["tokio", "futures-util", "tracing", "hyper", "jiff"] {
            assert!(!table("model", "dependencies").contains(library), "crates/model depends on {library}");
        }
        let words = ["async fn", ".await", "std::fs", "std::net::Tcp", "std::thread", "std::env", "SystemTime", "Instant::now", "println!"];
        let mut found = Vec::new();
        for (path, text) in product_files("crates/model/src") {
            found.extend(words.iter().filter(|word| text.contains(**word)).map(|word| format!("{path}: {word}")));
        }
        nothing(&found, "the model has no I/O, no clock, no async");
    }

    #[test]
    fn sql_stands_in_the_store_only() {
        let starts =
            ["SELECT ", "INSERT INTO", "INSERT OR", "DELETE FROM", "CREATE TABLE", "CREATE INDEX", "ALTER TABLE", "DROP TABLE", "PRAGMA "];
        let has_sql = |line: &str| starts.iter().any(|start| line.contains(start)) || (line.contains("UPDATE ") && line.contains(" SET "));
        let mut found = Vec::new();
        let mut in_store = 0;
        for name in crates() {
            for (path, text) in product_files(&format!("crates/{name}/src")) {
                for line in text.lines().filter(|line| has_sql(line)) {
                    if name == "store" {
                        in_store += 1;
                    } else {
                        found.push(format!("{path}: {}", line.trim()));
                    }
                }
            }
        }
        assert!(in_store > 10, "the store has no SQL: this test is out of date");
        nothing(&found, "SQL stands in crates/store only");
    }

    /// What one dialect may use of another: the module that uses, what it uses, and why.
    const BETWEEN_DIALECTS: [(&str, &str, &str); 8] = [
        ("pages", "supertokens::cookies", "the session that the pages give is SuperTokens' own, so that its web SDKs know it"),
        ("supertokens", "pages::note", "what people are told in an application is said in the words of our own pages"),
        ("supertokens", "pages::waiting", "a link that an application asked for finds on our own page who asked"),
        ("authress", "supertokens::cookies", "whoever signed in on our own pages goes on to the application, and logs out of both"),
        ("authress", "pages::renew", "a browser whose access token has run out renews it on the way there"),
        ("authress", "pages::screens", "its page is one of ours, and is checked and shown with the others"),
        ("dev", "supertokens::cookies", "its page that stands for an application looks at that session"),
        ("dev", "pages", "no dialect: it shows every page, and what it has itself are pages"),
    ];

    #[test]
    fn dialects_do_not_know_each_other() {
        let folder = root().join("crates/http/src");
        let dialects: Vec<String> = fs::read_dir(&folder)
            .unwrap()
            .map(|entry| entry.unwrap())
            .filter(|entry| entry.path().is_dir() && entry.file_name() != "kit")
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect();
        assert!(dialects.contains(&"pages".to_owned()) && dialects.contains(&"supertokens".to_owned()));
        let mut used = BTreeSet::new();
        let mut found = Vec::new();
        for room in dialects.iter().map(String::as_str).chain(["kit"]) {
            for (path, text) in product_files(&format!("crates/http/src/{room}")) {
                for reach in reaches(&text) {
                    let other = reach.split("::").next().unwrap_or_default();
                    if other == room || !dialects.iter().any(|dialect| dialect == other) {
                        continue;
                    }
                    match BETWEEN_DIALECTS.iter().find(|(from, to, _)| *from == room && within(&reach, to)) {
                        Some(pair) => drop(used.insert(*pair)),
                        None => found.push(format!("{path} uses crate::{reach}")),
                    }
                }
            }
        }
        nothing(&found, "one dialect never imports another, and the kit imports none");
        assert_eq!(used.len(), BETWEEN_DIALECTS.len(), "an exception is not needed any more: take it off the list");
    }

    fn within(reach: &str, module: &str) -> bool {
        reach == module || reach.strip_prefix(module).is_some_and(|rest| rest.starts_with("::"))
    }

    /// What a text reaches by `crate::…`, groups taken apart.
    fn reaches(text: &str) -> Vec<String> {
        let path = |c: &char| c.is_alphanumeric() || matches!(c, '_' | ':');
        let mut all = Vec::new();
        for rest in text.split("crate::").skip(1) {
            let plain: String = rest.chars().take_while(path).collect();
            let group = rest[plain.len()..].strip_prefix('{').map(|inner| inner.split(';').next().unwrap_or_default());
            match group {
                None => all.push(plain),
                // Good enough for one level; what lies deeper is seen by its beginning.
                Some(group) => all.extend(group.split([',', '{', '}']).map(|item| format!("{plain}{}", item.trim()))),
            }
        }
        all
    }

    #[test]
    fn reaches_are_seen_in_groups_too() {
        let text = "use crate::{pages::waiting, Doors};\nuse crate::supertokens::{cookies, session};\nlet x = crate::dev::y();";
        let seen = reaches(text);
        for reach in ["pages::waiting", "Doors", "supertokens::cookies", "supertokens::session", "dev::y"] {
            assert!(seen.iter().any(|one| one == reach), "{reach} in {seen:?}");
        }
    }

    #[test]
    fn every_file_says_what_lives_in_it() {
        let silent: Vec<String> = rust().into_iter().filter(|path| !read(path).starts_with("//! ")).collect();
        nothing(&silent, "every Rust file opens with //! and what lives there");
    }

    #[test]
    fn files_are_read_in_one_sitting() {
        let mut long = Vec::new();
        for path in rust() {
            let text = read(&path);
            let lines = text.split("\n#[cfg(test)]\nmod tests {").next().unwrap_or_default().lines().count();
            if lines > 500 {
                long.push(format!("{path}: {lines} lines"));
            }
        }
        nothing(&long, "no file has over 500 lines before its tests");
    }

    #[test]
    fn nothing_is_unsafe() {
        let mut found = Vec::new();
        for path in rust() {
            let text = read(&path);
            // In two halves, or this very line would be found.
            for word in ["{", "fn", "impl", "extern", "trait"].map(|next| format!("{} {next}", "unsafe")) {
                found.extend(text.contains(&word).then(|| format!("{path}: {word}")));
            }
        }
        nothing(&found, "unsafe is forbidden");
        let workspace: toml::Table = read("Cargo.toml").parse().unwrap();
        let lints = &workspace["workspace"]["lints"];
        assert_eq!(lints["rust"]["unsafe_code"].as_str(), Some("forbid"));
        for lint in ["unwrap_used", "expect_used", "disallowed_methods"] {
            assert_eq!(lints["clippy"][lint].as_str(), Some("deny"), "{lint}");
        }
        for manifest in crates().iter().map(|name| format!("crates/{name}/Cargo.toml")) {
            let manifest_table: toml::Table = read(&manifest).parse().unwrap();
            assert_eq!(manifest_table["lints"]["workspace"].as_bool(), Some(true), "{manifest} takes the workspace's lints");
        }
    }

    /// The blocks of all `match`es in a text, each without the blocks inside it.
    fn matches_in(text: &str) -> Vec<String> {
        let mut blocks = Vec::new();
        for (start, _) in text.match_indices("match ") {
            if text[..start].ends_with(|c: char| c.is_alphanumeric() || c == '_') {
                continue;
            }
            let Some(open) = text[start..].find('{') else { continue };
            let (mut depth, mut block) = (0, String::new());
            for sign in text[start + open..].chars() {
                depth += i32::from(sign == '{') - i32::from(sign == '}');
                if depth <= 0 {
                    break;
                }
                if depth == 1 {
                    block.push(sign);
                }
            }
            blocks.push(block);
        }
        blocks
    }

    /// Whether a match over errors has an arm that would swallow a new one.
    fn is_open(block: &str) -> bool {
        let mut befores: Vec<&str> = block.split("=>").collect();
        befores.pop();
        let last_pattern = |before: &str| before.rsplit([',', '{', '}', '|', '\n']).next().unwrap_or_default().trim().to_owned();
        block.contains("Error::")
            && befores.into_iter().any(|before| matches!(last_pattern(before).as_str(), "_" | "Err(_)" | "_e" | "Err(_e)"))
    }

    #[test]
    fn error_maps_of_doors_name_every_error() {
        let mut found = Vec::new();
        let mut maps = 0;
        for (path, text) in product_files("crates/http/src") {
            for block in matches_in(&text) {
                maps += usize::from(block.contains("Error::"));
                if is_open(&block) {
                    found.push(format!("{path}: a match with a `_ =>`:{block}"));
                }
            }
            for line in text.lines() {
                if line.contains("let Err(") && line.contains("Error::") {
                    found.push(format!("{path}: {}", line.trim()));
                }
            }
        }
        assert!(maps >= 8, "only {maps} error maps: this test is out of date");
        nothing(&found, "an error map in a door names every error, so that a new one is a compile error there");
    }

    #[test]
    fn open_error_maps_are_seen() {
        for open in [
            "match x {\n Ok(_) => 1,\n Err(AError::B) => 2,\n _ => 3,\n}",
            "match x {\n Err(AError::B) => { 2 }\n _ => 3,\n}",
            "match x {\n Err(AError::B) => { 2 }\n Err(_) => 3,\n}",
            "match x { AError::B => 2, _ => 3 }",
        ] {
            assert!(matches_in(open).iter().any(|block| is_open(block)), "{open}");
        }
        for closed in [
            "match x {\n Ok(_) => 1,\n Err(AError::B | AError::C(_)) => 2,\n Err(AError::D { left, .. }) => { match y { 1 => 2, _ => 3 } }\n}",
            "match x {\n Some(_) => 1,\n _ => 2,\n}",
        ] {
            assert!(!matches_in(closed).iter().any(|block| is_open(block)), "{closed}");
        }
    }

    /// The words between backticks.
    fn quoted(text: &str) -> Vec<&str> {
        text.split('`').skip(1).step_by(2).collect()
    }

    #[test]
    fn the_architecture_page_is_true() {
        let page = read("ARCHITECTURE.md");
        let words = quoted(&page);
        let mut wrong = Vec::new();
        for name in crates() {
            let source = format!("crates/{name}/src");
            if !words.contains(&format!("crates/{name}").as_str()) {
                wrong.push(format!("crates/{name} is not on the table of floors"));
            }
            let paragraph = page.split("\n\n").find(|paragraph| paragraph.trim_start().starts_with(&format!("`{source}`:")));
            let Some(paragraph) = paragraph else {
                wrong.push(format!("`{source}`: has no paragraph"));
                continue;
            };
            let rooms = quoted(paragraph);
            for entry in fs::read_dir(root().join(&source)).unwrap().map(|entry| entry.unwrap()) {
                let file = entry.file_name().to_string_lossy().into_owned();
                let room = if entry.path().is_dir() { format!("{file}/") } else { file };
                // A folder may hold what a file of its name tells of.
                let told = rooms.contains(&room.as_str())
                    || room.strip_suffix('/').is_some_and(|name| rooms.contains(&format!("{name}.rs").as_str()));
                if !told && room != "lib.rs" && room != "tests/" {
                    wrong.push(format!("`{source}`: does not name {room}"));
                }
            }
            let inside = files(&source, ".rs");
            for room in rooms.iter().filter(|room| room.ends_with(".rs")) {
                if !inside.iter().any(|path| path.ends_with(&format!("/{room}"))) {
                    wrong.push(format!("`{source}`: names {room}, which is not there"));
                }
            }
            for room in rooms.iter().filter(|room| room.ends_with('/')) {
                if !root().join(&source).join(room).is_dir() {
                    wrong.push(format!("`{source}`: names {room}, which is not there"));
                }
            }
        }
        let all = rust();
        for word in words {
            let is_path = word.starts_with("crates/") || word.ends_with(".rs") || word.ends_with(".toml") || word.ends_with(".md");
            let there = root().join(word).exists() || all.iter().any(|path| path.ends_with(&format!("/{word}")));
            if is_path && !word.contains([' ', '*', '{']) && !there {
                wrong.push(format!("names {word}, which is not there"));
            }
            let is_folder = word.ends_with('/') && !word.starts_with('/') && !word.contains([' ', ':']);
            let in_a_crate = || crates().iter().any(|name| root().join(format!("crates/{name}/src/{word}")).is_dir());
            if is_folder && !root().join(word).is_dir() && !in_a_crate() {
                wrong.push(format!("names the folder {word}, which is not there"));
            }
        }
        wrong.dedup();
        nothing(&wrong, "ARCHITECTURE.md");
    }

    /// What the README shows is what runs.
    #[test]
    fn the_readme_shows_the_example() {
        assert!(read("README.md").contains(read("examples/first-login/server.mjs").trim_end()));
    }

    #[test]
    fn every_setting_is_used() {
        let config = product("crates/postkey/src/config.rs");
        let readers = product_files("crates/postkey/src").into_iter().filter(|(path, _)| !path.ends_with("/config.rs"));
        let readers: String = readers.map(|(_, text)| text).collect();
        let mut fields = Vec::new();
        for part in config.split("\npub struct ").skip(1) {
            let (name, rest) = part.split_once(|c: char| !c.is_alphanumeric()).unwrap_or_default();
            if name == "Config" || name.ends_with("Config") {
                let body = rest.split("\n}").next().unwrap_or_default();
                fields.extend(
                    body.lines().filter_map(|line| line.trim().strip_prefix("pub ")?.split_once(':')).map(|(field, _)| (name, field)),
                );
            }
        }
        assert!(fields.len() >= 75, "only {} settings: this test is out of date", fields.len());
        let is_read = |field: &str| {
            readers.match_indices(&format!(".{field}")).any(|(at, found)| {
                let after = readers[at + found.len()..].chars().next().unwrap_or(' ');
                !(after.is_alphanumeric() || matches!(after, '_' | '('))
            })
        };
        let unread: Vec<String> =
            fields.iter().filter(|(_, field)| !is_read(field)).map(|(name, field)| format!("{name}.{field}")).collect();
        nothing(&unread, "a setting that nobody reads");
    }

    /// The texts in a constant list of a file: from `const NAME` to the end of its list.
    fn listed(path: &str, name: &str) -> Vec<String> {
        let text = product(path);
        let list = text.split_once(&format!("const {name}:")).unwrap_or_else(|| panic!("{path}: no {name}")).1;
        let list = list.split_once("= [").unwrap().1.split_once("];").unwrap().0;
        list.split('"').skip(1).step_by(2).map(str::to_owned).collect()
    }

    /// A string that no template names and no code says would never be noticed behind a list that is too long.
    #[test]
    fn what_the_program_says_by_itself_it_says() {
        let keys = listed("crates/http/src/pages/note.rs", "SAID_BY_CODE");
        let doors = product_files("crates/http/src").into_iter().filter(|(path, _)| !path.ends_with("/samples.rs"));
        let doors: String = doors.map(|(_, text)| text).collect();
        let silent: Vec<String> = keys.iter().filter(|key| !doors.contains(&format!("\"{key}\""))).cloned().collect();
        assert!(keys.len() > 20, "only {} keys: this test is out of date", keys.len());
        nothing(&silent, "nobody says these: take them off the list in commands.rs");
    }

    /// `/auth/NAME/…` is a tenant's address where it is not a route of ours.
    #[test]
    fn no_tenant_is_called_like_a_route() {
        let taken = listed("crates/auth/src/decide/tenants.rs", "TAKEN_NAMES");
        let routes = product("crates/http/src/lib.rs");
        // What the web SDKs call is written without the `/auth` before it.
        let web_sdks = routes.split("fn web_sdks").nth(1).and_then(|rest| rest.split("\n    }").next()).unwrap_or_default();
        let names: BTreeSet<&str> = routes
            .split("(\"/auth/")
            .skip(1)
            .chain(web_sdks.split("(\"/").skip(1).filter(|rest| !rest.starts_with("auth") && !rest.starts_with('.')))
            .filter_map(|rest| rest.split(['/', '"']).next())
            .filter(|name| !name.starts_with(['_', '.']))
            .collect();
        assert!(names.len() >= 20, "only {names:?}: this test is out of date");
        let free: Vec<String> =
            names.iter().filter(|name| !taken.iter().any(|taken| taken == *name)).map(|name| (*name).to_owned()).collect();
        nothing(&free, "a tenant could be called so, and would hide a route: add them to TAKEN_NAMES");
    }
}
