//! Places for mail that does not leave the machine: the built-in inbox of `dev`, and the outlet of benchmarks.

use crate::job::without_spaces;
use crate::{Job, SendError};
use postkey_model::{Message, MessageContent};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The inbox keeps this many mails.
const KEPT: usize = 500;

/// A mail or text in the built-in inbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InboxMail {
    /// The message's id.
    pub id: String,
    /// By which way it would have gone.
    pub channel: String,
    /// To whom.
    pub to: String,
    /// Its subject; empty for texts.
    pub subject: String,
    /// Its text.
    pub text: String,
    /// Its HTML; empty for texts.
    pub html: String,
    /// The code in it, without spaces; null when it holds none.
    pub code: Option<String>,
    /// The link in it; null when it holds none.
    pub link: Option<String>,
    /// When it was sent, in milliseconds since 1970.
    pub sent_at: i64,
}

/// The built-in inbox: mails in memory, and in a file of JSON lines so that they are still there after a restart.
pub struct DevInbox {
    state: Mutex<State>,
}

struct State {
    mails: VecDeque<InboxMail>,
    file: Option<File>,
}

impl DevInbox {
    /// An inbox that begins with what `path` holds and adds to it. The file stays the one it is, because another
    /// server may be adding to it (this one may find its port taken a moment later), until it is twice too long.
    pub fn open(path: &Path) -> std::io::Result<Self> {
        let mut mails: VecDeque<InboxMail> = VecDeque::new();
        let (mut lines, mut ends_well) = (0, true);
        match std::fs::read(path) {
            Ok(bytes) => {
                ends_well = bytes.last().is_none_or(|last| *last == b'\n');
                for line in bytes.split(|byte| *byte == b'\n') {
                    lines += 1;
                    // A line cut short by a crash is a mail that was not acknowledged.
                    mails.extend(serde_json::from_slice::<InboxMail>(line).ok());
                }
            }
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
            Err(e) => return Err(e),
        }
        while mails.len() > KEPT {
            mails.pop_front();
        }
        if lines > 2 * KEPT {
            // Beside the old file, and then in its place: a crash in between loses no mail.
            let fresh = path.with_extension("new");
            let mut file = open_private(&fresh, true)?;
            for mail in &mails {
                writeln!(file, "{}", serde_json::to_string(mail)?)?;
            }
            std::fs::rename(&fresh, path)?;
            ends_well = true;
        }
        let mut file = open_private(path, false)?;
        if !ends_well {
            writeln!(file)?;
        }
        Ok(DevInbox { state: Mutex::new(State { mails, file: Some(file) }) })
    }

    /// An inbox in memory only.
    pub fn in_memory() -> Self {
        DevInbox { state: Mutex::new(State { mails: VecDeque::new(), file: None }) }
    }

    /// The mails to `to`, or all, newest first.
    pub fn mails(&self, to: Option<&str>) -> Vec<InboxMail> {
        let state = lock(&self.state);
        state.mails.iter().rev().filter(|mail| to.is_none_or(|to| mail.to == to)).cloned().collect()
    }

    /// Keeps a message; the answer is its id.
    pub(crate) fn put(&self, job: &Job<'_>) -> Result<String, SendError> {
        let (message, content, rendered) = (job.message, job.content, job.rendered);
        let mail = InboxMail {
            id: message.id.to_string(),
            channel: message.channel.as_str().to_owned(),
            to: message.to.clone(),
            subject: rendered.subject.clone(),
            text: rendered.text.clone(),
            html: rendered.html.clone(),
            code: content.code.as_deref().map(without_spaces),
            link: content.link.clone(),
            sent_at: job.now.0,
        };
        let mut state = lock(&self.state);
        // Sent twice (a crash between sending and marking) is still one mail.
        if state.mails.iter().any(|known| known.id == mail.id) {
            return Ok(mail.id);
        }
        if let Some(file) = &mut state.file {
            let line = serde_json::to_string(&mail).map_err(|e| SendError::Refused(e.to_string()))?;
            writeln!(file, "{line}").map_err(|e| SendError::later(format!("inbox file: {e}")))?;
        }
        let id = mail.id.clone();
        state.mails.push_back(mail);
        if state.mails.len() > KEPT {
            state.mails.pop_front();
        }
        Ok(id)
    }
}

/// Where benchmark mail goes: the newest codes and links are handed to whoever drives the benchmark, once.
#[derive(Default)]
pub struct Discarded {
    waiting: Mutex<VecDeque<DiscardedMail>>,
}

/// What a benchmark needs of a mail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DiscardedMail {
    /// To whom.
    pub to: String,
    /// The code in it, without spaces.
    pub code: Option<String>,
    /// The link in it.
    pub link: Option<String>,
}

impl Discarded {
    /// Takes everything that was discarded since the last time.
    pub fn drain(&self) -> Vec<DiscardedMail> {
        lock(&self.waiting).drain(..).collect()
    }

    pub(crate) fn put(&self, message: &Message, content: &MessageContent) {
        let mut waiting = lock(&self.waiting);
        // Nobody listens: forget the oldest, so that memory stays bounded.
        if waiting.len() >= 65_536 {
            waiting.pop_front();
        }
        waiting.push_back(DiscardedMail {
            to: message.to.clone(),
            code: content.code.as_deref().map(without_spaces),
            link: content.link.clone(),
        });
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Opens a file that only we may read: emptied, or to add to.
fn open_private(path: &Path, emptied: bool) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true);
    if emptied {
        options.write(true).truncate(true);
    } else {
        options.append(true);
    }
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(id: &str) -> String {
        let mail = InboxMail {
            id: id.to_owned(),
            channel: "email".to_owned(),
            to: "jane@example.com".to_owned(),
            subject: String::new(),
            text: String::new(),
            html: String::new(),
            code: None,
            link: None,
            sent_at: 0,
        };
        serde_json::to_string(&mail).unwrap() + "\n"
    }

    #[test]
    fn opening_leaves_the_file_to_whoever_adds_to_it() {
        let path = std::env::temp_dir().join(format!("postkey-inbox-{}.jsonl", std::process::id()));
        let _ = std::fs::remove_file(&path);
        let first = DevInbox::open(&path).unwrap();
        let _second = DevInbox::open(&path).unwrap();
        first.state.lock().unwrap().file.as_mut().unwrap().write_all(line("a").as_bytes()).unwrap();
        // A crash in the middle of a line costs that line only.
        first.state.lock().unwrap().file.as_mut().unwrap().write_all(&line("b").as_bytes()[..9]).unwrap();
        let third = DevInbox::open(&path).unwrap();
        assert_eq!(third.mails(None).len(), 1);
        third.state.lock().unwrap().file.as_mut().unwrap().write_all(line("c").as_bytes()).unwrap();
        let ids: Vec<_> = DevInbox::open(&path).unwrap().mails(None).into_iter().map(|mail| mail.id).collect();
        assert_eq!(ids, ["c", "a"]);
        // It does not grow for ever.
        let many: String = (0..3 * KEPT).map(|n| line(&n.to_string())).collect();
        std::fs::write(&path, many).unwrap();
        assert_eq!(DevInbox::open(&path).unwrap().mails(None).len(), KEPT);
        assert_eq!(std::fs::read_to_string(&path).unwrap().lines().count(), KEPT);
        std::fs::remove_file(&path).unwrap();
    }
}
