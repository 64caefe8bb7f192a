//! Servers of the suite's own: one node on SQLite, or two on one PostgreSQL, in a folder that goes away with them.

use crate::http::{Ask, Http};
use std::ffi::OsStr;
use std::fs::{File, OpenOptions};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use url::Url;

/// How long a server may take to answer for the first time, or to end.
const PATIENCE: Duration = Duration::from_secs(60);
/// The environment may say something else than our config: it is left out.
const VARIABLES: [&str; 5] =
    ["POSTKEY_DATABASE_URL", "POSTKEY_SECRET_KEY", "POSTKEY_SMTP_PASSWORD", "POSTKEY_TWILIO_TOKEN", "POSTKEY_API_KEY"];

/// What servers to start.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// The program.
    pub binary: PathBuf,
    /// Their database, when it is not the embedded one.
    pub database_url: Option<String>,
    /// How many; more than one need a database that they share.
    pub count: usize,
    /// The text of their config file.
    pub config: String,
    /// A word for the name of their folder.
    pub stamp: String,
    /// What the program is started by: a command that ends by starting what stands behind it.
    pub launcher: Vec<String>,
    /// The secret key to start with; without one they make their own.
    pub key: Option<PathBuf>,
}

/// The servers.
pub struct House {
    wanted: Wanted,
    folder: PathBuf,
    members: Vec<Member>,
}

/// One server.
struct Member {
    folder: PathBuf,
    public: u16,
    private: u16,
    child: Option<Child>,
}

impl House {
    /// Starts them, and waits until they answer.
    pub async fn start(wanted: Wanted) -> Result<Self, String> {
        let folder = std::env::temp_dir().join(format!("postkey-attack-{}", wanted.stamp));
        let count = wanted.count;
        let mut house = House { wanted, folder, members: Vec::new() };
        for index in 0..count {
            let folder = house.folder.join(format!("node-{}", index + 1));
            std::fs::create_dir_all(&folder).map_err(|e| format!("cannot make {}: {e}", folder.display()))?;
            std::fs::write(folder.join("postkey.toml"), &house.wanted.config).map_err(|e| e.to_string())?;
            house.members.push(Member { folder, public: 0, private: 0, child: None });
        }
        for index in 0..count {
            // All nodes have the key that the first one made.
            let key = if index > 0 { Some(house.key()) } else { house.wanted.key.clone() };
            if let Some(key) = key {
                let data = house.folder(index).join("data");
                let copied = std::fs::create_dir_all(&data).and_then(|()| std::fs::copy(key, data.join("secret.key")));
                copied.map_err(|e| format!("cannot copy the secret key: {e}"))?;
            }
            house.start_somewhere(index).await?;
        }
        Ok(house)
    }

    async fn start_somewhere(&mut self, index: usize) -> Result<(), String> {
        let mut last = String::new();
        for _ in 0..5 {
            let member = &mut self.members[index];
            (member.public, member.private) = (free_port()?, free_port()?);
            match self.start_again(index).await {
                // Somebody took the port between our look and the server's.
                Err(e) if e.contains("another program has it") => last = e,
                started => return started,
            }
        }
        Err(last)
    }

    /// Starts a server again, on its ports and in its folder.
    pub async fn start_again(&mut self, index: usize) -> Result<(), String> {
        self.spawn(index)?;
        self.answers(index).await
    }

    fn spawn(&mut self, index: usize) -> Result<(), String> {
        let public = self.members[0].public;
        let mut command = self.command(index, &["dev"]);
        let member = &mut self.members[index];
        command.arg("--public-listen").arg(format!("127.0.0.1:{}", member.public));
        command.arg("--private-listen").arg(format!("127.0.0.1:{}", member.private));
        // All nodes are one server to the world.
        command.arg("--public-url").arg(format!("http://localhost:{public}"));
        let log = OpenOptions::new().create(true).append(true).open(member.folder.join("log")).map_err(|e| e.to_string())?;
        let greeting = File::create(member.folder.join("greeting")).map_err(|e| e.to_string())?;
        let child = command.stdin(Stdio::null()).stdout(greeting).stderr(log).spawn();
        member.child = Some(child.map_err(|e| format!("cannot start {}: {e}", self.wanted.binary.display()))?);
        Ok(())
    }

    /// `postkey WORDS…` on the database of a server.
    pub fn command(&self, index: usize, words: &[&str]) -> Command {
        let member = &self.members[index];
        let mut all = self.wanted.launcher.iter().map(OsStr::new).chain([self.wanted.binary.as_os_str()]);
        let mut command = Command::new(all.next().unwrap_or_default());
        command
            .args(all)
            .args(words)
            .arg("--config")
            .arg(member.folder.join("postkey.toml"))
            .arg("--data-dir")
            .arg(member.folder.join("data"));
        if let Some(url) = &self.wanted.database_url {
            command.arg("--database-url").arg(url);
        }
        for name in VARIABLES {
            command.env_remove(name);
        }
        command
    }

    /// Runs `postkey WORDS…` to its end: what it printed.
    pub fn run(&self, words: &[&str]) -> Result<String, String> {
        let ended = self.command(0, words).output().map_err(|e| e.to_string())?;
        if ended.status.success() {
            return Ok(String::from_utf8_lossy(&ended.stdout).into_owned());
        }
        Err(format!("postkey {}: {}", words.join(" "), String::from_utf8_lossy(&ended.stderr).trim()))
    }

    async fn answers(&mut self, index: usize) -> Result<(), String> {
        let http = Http::new(&self.public(index)?, "localhost", None)?;
        let begin = Instant::now();
        while begin.elapsed() < PATIENCE {
            if http.ask(Ask::get("/health")).await.is_ok_and(|answer| answer.status == 200) {
                return Ok(());
            }
            if let Some(child) = &mut self.members[index].child
                && let Some(status) = child.try_wait().map_err(|e| e.to_string())?
            {
                self.members[index].child = None;
                return Err(format!("the server ended ({status}): {}", end_of(&self.log(index))));
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Err(format!("the server does not answer: {}", end_of(&self.log(index))))
    }

    /// How many servers there are.
    pub fn count(&self) -> usize {
        self.members.len()
    }

    /// Where a server's public listener is.
    pub fn public(&self, index: usize) -> Result<Url, String> {
        local(self.members[index].public)
    }

    /// Where a server's private listener is.
    pub fn private(&self, index: usize) -> Result<Url, String> {
        local(self.members[index].private)
    }

    /// What a server logged.
    pub fn log(&self, index: usize) -> String {
        let read = std::fs::read(self.members[index].folder.join("log")).unwrap_or_default();
        String::from_utf8_lossy(&read).into_owned()
    }

    /// A server's folder.
    pub fn folder(&self, index: usize) -> &Path {
        &self.members[index].folder
    }

    /// The database they share, when it is not the embedded one.
    pub fn database_url(&self) -> Option<&str> {
        self.wanted.database_url.as_deref()
    }

    /// The program they run.
    pub fn binary(&self) -> PathBuf {
        self.wanted.binary.clone()
    }

    /// The file with their secret key.
    pub fn key(&self) -> PathBuf {
        self.folder(0).join("data/secret.key")
    }

    /// A server's process id, while it runs.
    pub fn pid(&self, index: usize) -> Option<u32> {
        self.members[index].child.as_ref().map(Child::id)
    }

    /// Kills a server on the spot (SIGKILL).
    pub fn kill(&mut self, index: usize) -> Result<(), String> {
        if let Some(mut child) = self.members[index].child.take() {
            child.kill().and_then(|()| child.wait()).map_err(|e| e.to_string())?;
        }
        Ok(())
    }

    /// Asks a server to stop (SIGTERM) and waits for its end.
    pub async fn stop(&mut self, index: usize) -> Result<(), String> {
        let Some(pid) = self.pid(index) else { return Ok(()) };
        let sent = Command::new("kill").arg("-TERM").arg(pid.to_string()).status().map_err(|e| e.to_string())?;
        if !sent.success() {
            return Err(format!("kill -TERM {pid}: {sent}"));
        }
        let begin = Instant::now();
        while begin.elapsed() < PATIENCE {
            if let Some(child) = &mut self.members[index].child
                && child.try_wait().map_err(|e| e.to_string())?.is_some()
            {
                self.members[index].child = None;
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Err("the server does not stop".to_owned())
    }
}

impl Drop for House {
    fn drop(&mut self) {
        for index in 0..self.members.len() {
            let _ = self.kill(index);
        }
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn local(port: u16) -> Result<Url, String> {
    Url::parse(&format!("http://127.0.0.1:{port}")).map_err(|e| e.to_string())
}

fn free_port() -> Result<u16, String> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(|e| e.to_string())?;
    listener.local_addr().map(|address| address.port()).map_err(|e| e.to_string())
}

/// The last lines of a log.
fn end_of(log: &str) -> String {
    let lines: Vec<&str> = log.lines().collect();
    lines[lines.len().saturating_sub(6)..].join("\n")
}
