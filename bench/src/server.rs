//! A `postkey` process: started on free ports with a folder of its own, watched through `/proc`, stopped or killed.

use crate::http::Client;
use std::fs::{File, OpenOptions};
use std::io::{Error, Result};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// How long a server may take to answer for the first time.
const PATIENCE: Duration = Duration::from_secs(30);

/// What to start.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The binary.
    pub binary: PathBuf,
    /// `serve` instead of `dev`.
    pub serve: bool,
    /// The text of its config file.
    pub config: String,
    /// More arguments.
    pub args: Vec<String>,
    /// Where it keeps its data; a temporary folder that goes away with the server when not given.
    pub folder: Option<PathBuf>,
    /// Another database than the embedded one.
    pub database_url: Option<String>,
    /// A program, with its arguments, that starts the server in its own place.
    pub launcher: Vec<String>,
    /// Send the log to `/dev/null` instead of a file.
    pub no_log: bool,
}

/// A running server.
pub struct Server {
    options: Options,
    folder: PathBuf,
    public: SocketAddr,
    private: SocketAddr,
    child: Option<Child>,
}

/// What a process used so far.
#[derive(Clone, Copy, Debug, Default)]
pub struct Load {
    /// CPU time, its own and the kernel's for it.
    pub cpu: Duration,
    /// Memory now, in KiB.
    pub rss: u64,
    /// The most memory it ever had, in KiB.
    pub most_rss: u64,
    /// Bytes that it caused to be written to the disk.
    pub written: u64,
}

/// A port that was free a moment ago.
pub fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

impl Server {
    /// Starts a server and waits until it answers.
    pub async fn start(options: Options) -> Result<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let own = || std::env::temp_dir().join(format!("postkey-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed)));
        let folder = options.folder.clone().unwrap_or_else(own);
        std::fs::create_dir_all(&folder)?;
        let address = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let mut server = Server { options, folder, public: address(0), private: address(0), child: None };
        for _ in 0..5 {
            (server.public, server.private) = (address(free_port()?), address(free_port()?));
            match server.start_again().await {
                // Somebody took the port in between.
                Err(e) if e.to_string().contains("another program has it") => {}
                started => return started.map(|()| server),
            }
        }
        Err(Error::other("no free port found"))
    }

    /// Starts it again in the same folder on the same ports, after it was stopped or killed.
    pub async fn start_again(&mut self) -> Result<()> {
        self.spawn()?;
        self.answers(PATIENCE).await
    }

    /// Changes how it is started from now on.
    pub fn options(&mut self) -> &mut Options {
        &mut self.options
    }

    /// Starts the process without waiting for it.
    pub fn spawn(&mut self) -> Result<()> {
        let config = self.folder.join("postkey.toml");
        std::fs::write(&config, &self.options.config)?;
        let mut words: Vec<std::ffi::OsString> = self.options.launcher.iter().map(Into::into).collect();
        words.push(self.options.binary.clone().into());
        let mut command = Command::new(&words[0]);
        let mode = if self.options.serve { "serve" } else { "dev" };
        command.args(&words[1..]).arg(mode).arg("--config").arg(&config).arg("--data-dir").arg(self.data_dir());
        command.arg("--public-listen").arg(self.public.to_string()).arg("--private-listen").arg(self.private.to_string());
        if let Some(url) = &self.options.database_url {
            command.arg("--database-url").arg(url);
        }
        command.args(&self.options.args);
        for name in [
            "POSTKEY_DATABASE_URL",
            "POSTKEY_SECRET_KEY",
            "POSTKEY_SMTP_PASSWORD",
            "POSTKEY_TWILIO_TOKEN",
            "POSTKEY_API_KEY",
            "POSTKEY_METRICS_KEY",
        ] {
            command.env_remove(name);
        }
        let log = if self.options.no_log {
            OpenOptions::new().write(true).open("/dev/null")?
        } else {
            OpenOptions::new().create(true).append(true).open(self.log_file())?
        };
        command.stdin(Stdio::null()).stdout(File::create(self.folder.join("greeting"))?).stderr(log);
        self.child = Some(command.spawn()?);
        Ok(())
    }

    /// Waits until it answers; an error with its log when it ended instead.
    pub async fn answers(&mut self, patience: Duration) -> Result<()> {
        let begin = Instant::now();
        while begin.elapsed() < patience {
            let health = self.client().send("GET", "/health", &[], None).await;
            if health.is_ok_and(|answer| answer.status == 200) {
                return Ok(());
            }
            if let Some(status) = self.child.as_mut().map(Child::try_wait).transpose()?.flatten() {
                self.child = None;
                return Err(Error::other(format!("the server ended ({status}): {}", self.log())));
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        Err(Error::other(format!("the server does not answer: {}", self.log())))
    }

    /// A connection to the public listener.
    pub fn client(&self) -> Client {
        Client::new(self.public, &format!("localhost:{}", self.public.port()))
    }

    /// The public listener.
    pub fn public(&self) -> SocketAddr {
        self.public
    }

    /// The private listener.
    pub fn private(&self) -> SocketAddr {
        self.private
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where it keeps its data.
    pub fn data_dir(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// What it logged.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.log_file()).unwrap_or_default()
    }

    fn log_file(&self) -> PathBuf {
        self.folder.join("log")
    }

    /// Its process id, while it runs.
    pub fn pid(&self) -> Option<u32> {
        self.child.as_ref().map(Child::id)
    }

    /// Kills it on the spot (SIGKILL).
    pub fn kill(&mut self) -> Result<()> {
        if let Some(mut child) = self.child.take() {
            child.kill()?;
            child.wait()?;
        }
        Ok(())
    }

    /// Asks it to stop (SIGTERM) and waits for its end.
    pub async fn stop(&mut self) -> Result<ExitStatus> {
        self.signal("TERM")?;
        let begin = Instant::now();
        while begin.elapsed() < PATIENCE {
            if let Some(status) = self.child.as_mut().map(Child::try_wait).transpose()?.flatten() {
                self.child = None;
                return Ok(status);
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Err(Error::other("the server does not stop"))
    }

    /// Sends it a signal by name.
    pub fn signal(&self, name: &str) -> Result<()> {
        let pid = self.pid().ok_or_else(|| Error::other("the server does not run"))?;
        let status = Command::new("kill").arg(format!("-{name}")).arg(pid.to_string()).status()?;
        if status.success() { Ok(()) } else { Err(Error::other(format!("kill -{name} {pid}: {status}"))) }
    }

    /// What it used so far.
    pub fn load(&self) -> Result<Load> {
        let pid = self.pid().ok_or_else(|| Error::other("the server does not run"))?;
        let read = |file: &str| std::fs::read_to_string(format!("/proc/{pid}/{file}"));
        let (stat, status, io) = (read("stat")?, read("status")?, read("io")?);
        // proc(5): the name may hold anything, the fields after it do not; utime and stime are the 14th and 15th.
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<u64>().ok()).unwrap_or_default();
        Ok(Load {
            // A tick is 1/100 s for everybody who asks through /proc.
            cpu: Duration::from_millis((ticks(11) + ticks(12)) * 10),
            rss: number_after(&status, "VmRSS:"),
            most_rss: number_after(&status, "VmHWM:"),
            written: number_after(&io, "\nwrite_bytes:"),
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.kill();
        if self.options.folder.is_none() {
            let _ = std::fs::remove_dir_all(&self.folder);
        }
    }
}

fn number_after(text: &str, label: &str) -> u64 {
    let rest = text.split_once(label).map_or("", |(_, rest)| rest);
    rest.split_whitespace().next().and_then(|word| word.parse().ok()).unwrap_or_default()
}
