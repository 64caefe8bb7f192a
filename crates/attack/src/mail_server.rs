//! A mail server that has bad days: it tells some recipients to wait, leaves the first mail to others without an answer, and takes
//! all the rest.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// Recipients that begin so are told to wait (451) twice.
pub const BUSY: &str = "busy";
/// Recipients that begin so get no answer the first time.
pub const SILENT: &str = "silent";
/// How often the busy ones are told to wait.
pub const TOLD_TO_WAIT: usize = 2;
/// Longer than anybody waits for an answer.
const NO_ANSWER: Duration = Duration::from_secs(120);

/// The mail server; it ends when this is dropped.
pub struct MailServer {
    /// Where it listens.
    pub address: SocketAddr,
    book: Arc<Mutex<Book>>,
    listening: JoinHandle<()>,
}

#[derive(Default)]
struct Book {
    /// How often somebody was named as a recipient.
    asked: HashMap<String, usize>,
    /// Recipients and mails that were taken.
    taken: Vec<(String, String)>,
}

fn locked(book: &Mutex<Book>) -> MutexGuard<'_, Book> {
    book.lock().unwrap_or_else(PoisonError::into_inner)
}

impl MailServer {
    /// Begins to listen.
    pub async fn start() -> Result<Self, String> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.map_err(|e| e.to_string())?;
        let address = listener.local_addr().map_err(|e| e.to_string())?;
        let book = Arc::<Mutex<Book>>::default();
        let kept = book.clone();
        let listening = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let book = kept.clone();
                tokio::spawn(async move {
                    // Whoever hangs up in the middle sent nothing.
                    let _ = talk(stream, &book).await;
                });
            }
        });
        Ok(MailServer { address, book, listening })
    }

    /// How often somebody was named as a recipient.
    pub fn asked(&self, who: &str) -> usize {
        locked(&self.book).asked.get(who).copied().unwrap_or_default()
    }

    /// The mails to somebody that were taken.
    pub fn taken(&self, who: &str) -> Vec<String> {
        locked(&self.book).taken.iter().filter(|(to, _)| to == who).map(|(_, mail)| mail.clone()).collect()
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn talk(stream: TcpStream, book: &Mutex<Book>) -> std::io::Result<()> {
    let (reader, mut writer) = stream.into_split();
    let mut lines = BufReader::new(reader).lines();
    writer.write_all(b"220 test ESMTP\r\n").await?;
    let mut to = String::new();
    while let Some(line) = lines.next_line().await? {
        let answer: &[u8] = match line.get(..4).unwrap_or_default().to_ascii_uppercase().as_str() {
            "RCPT" => {
                to = line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
                let before = {
                    let mut book = locked(book);
                    let asked = book.asked.entry(to.clone()).or_default();
                    *asked += 1;
                    *asked - 1
                };
                if to.starts_with(SILENT) && before == 0 {
                    tokio::time::sleep(NO_ANSWER).await;
                }
                if to.starts_with(BUSY) && before < TOLD_TO_WAIT { b"451 4.3.2 come again\r\n" } else { b"250 fine\r\n" }
            }
            "DATA" => {
                writer.write_all(b"354 go on\r\n").await?;
                let mut mail = String::new();
                loop {
                    match lines.next_line().await? {
                        None => return Ok(()),
                        Some(line) if line == "." => break,
                        Some(line) => mail = mail + &line + "\n",
                    }
                }
                locked(book).taken.push((to.clone(), mail));
                b"250 taken\r\n"
            }
            "QUIT" => {
                writer.write_all(b"221 bye\r\n").await?;
                return Ok(());
            }
            _ => b"250 test\r\n",
        };
        writer.write_all(answer).await?;
    }
    Ok(())
}

/// The code that a mail's subject begins with; empty when there is none.
pub fn code_in(mail: &str) -> String {
    let subject = mail.lines().find_map(|line| line.strip_prefix("Subject: ")).unwrap_or_default();
    subject.chars().take_while(|c| c.is_ascii_digit() || *c == ' ').filter(char::is_ascii_digit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_found_in_subjects() {
        assert_eq!(code_in("To: a\nSubject: 123 456 is your code 2\n\n999999"), "123456");
        assert_eq!(code_in("Subject: Log in to 12\n"), "");
    }

    #[tokio::test]
    async fn the_busy_are_told_to_wait_and_the_rest_is_taken() {
        let server = MailServer::start().await.unwrap();
        let (reader, mut writer) = TcpStream::connect(server.address).await.unwrap().into_split();
        let mut answers = BufReader::new(reader).lines();
        let mut say = async |words: &str| {
            writer.write_all(words.as_bytes()).await.unwrap();
            answers.next_line().await.unwrap().unwrap()
        };
        assert!(say("").await.starts_with("220"));
        assert!(say("EHLO me\r\n").await.starts_with("250"));
        for expected in ["451", "451", "250"] {
            assert!(say("RCPT TO:<busy-1@example.com>\r\n").await.starts_with(expected));
        }
        say("RCPT TO:<a@example.com>\r\n").await;
        assert!(say("DATA\r\n").await.starts_with("354"));
        assert!(say("Subject: 123456\r\n\r\nhello\r\n.\r\n").await.starts_with("250"));
        assert_eq!((server.asked("busy-1@example.com"), server.taken("busy-1@example.com").len()), (3, 0));
        assert_eq!(server.taken("a@example.com"), ["Subject: 123456\n\nhello\n"]);
    }
}
