//! A small HTTP/1.1 client: one connection that is kept, requests one after the other, bodies with a length. It costs
//! so little CPU that a generator with it may share the cores with the server it measures.

use std::io::{Error, ErrorKind, Result};
use std::net::SocketAddr;
use tokio::net::TcpStream;

/// More than any answer of ours.
const MAX_ANSWER: usize = 64 * 1024 * 1024;

/// A connection to one server, made when it is needed and made again when it was closed.
pub struct Client {
    address: SocketAddr,
    host: String,
    stream: Option<TcpStream>,
    buffer: Vec<u8>,
    text: Vec<u8>,
}

/// What a server answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The headers in their order, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    /// The first header of this name (lower case).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The value of a cookie that the answer sets; empty when it is taken away.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.headers.iter().filter(|(key, _)| key == "set-cookie").find_map(|(_, line)| {
            let (key, value) = line.split(';').next()?.split_once('=')?;
            (key == name).then_some(value)
        })
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

impl Client {
    /// A client for `address` that calls it `host`.
    pub fn new(address: SocketAddr, host: &str) -> Self {
        Client { address, host: host.to_owned(), stream: None, buffer: Vec::new(), text: Vec::new() }
    }

    /// Calls the server by another name.
    pub fn set_host(&mut self, host: &str) {
        host.clone_into(&mut self.host);
    }

    /// Connects already, when it has not.
    pub async fn connect(&mut self) -> Result<()> {
        connected(&mut self.stream, self.address).await.map(|_| ())
    }

    /// Sends a request and waits for the answer. `body` is a content type and bytes.
    pub async fn send(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<(&str, &[u8])>) -> Result<Answer> {
        self.text.clear();
        for part in [method, " ", path, " HTTP/1.1\r\nhost: ", &self.host, "\r\n"] {
            self.text.extend_from_slice(part.as_bytes());
        }
        for (name, value) in headers {
            for part in [name, ": ", value, "\r\n"] {
                self.text.extend_from_slice(part.as_bytes());
            }
        }
        match body {
            Some((kind, bytes)) => {
                self.text.extend_from_slice(format!("content-type: {kind}\r\ncontent-length: {}\r\n\r\n", bytes.len()).as_bytes());
                self.text.extend_from_slice(bytes);
            }
            None if method == "POST" => self.text.extend_from_slice(b"content-length: 0\r\n\r\n"),
            None => self.text.extend_from_slice(b"\r\n"),
        }
        let text = std::mem::take(&mut self.text);
        let answer = self.send_raw(&text, method == "HEAD").await;
        self.text = text;
        answer
    }

    /// Sends bytes as they are and reads one answer.
    pub async fn send_raw(&mut self, bytes: &[u8], no_body: bool) -> Result<Answer> {
        let answer = self.exchange(bytes, no_body).await;
        let closing = answer.as_ref().map_or(true, |answer| answer.header("connection").is_some_and(|value| value == "close"));
        if closing {
            self.stream = None;
            self.buffer.clear();
        }
        answer
    }

    /// Sends bytes as they are, reads one answer and tells its status only: for generators that send as much as they can.
    pub async fn status(&mut self, bytes: &[u8]) -> Result<u16> {
        let outcome = self.exchange_for_status(bytes).await;
        if !matches!(outcome, Ok((_, false))) {
            self.stream = None;
            self.buffer.clear();
        }
        outcome.map(|(status, _)| status)
    }

    async fn exchange_for_status(&mut self, bytes: &[u8]) -> Result<(u16, bool)> {
        let stream = connected(&mut self.stream, self.address).await?;
        write_all(stream, bytes).await?;
        let end = head(stream, &mut self.buffer).await?;
        let text = std::str::from_utf8(&self.buffer[..end]).map_err(|_| odd("a head that is not text"))?;
        let status = text.split(' ').nth(1).and_then(|code| code.parse().ok()).ok_or_else(|| odd("no status line"))?;
        let after = |name: &str| text.split_once(name).map(|(_, rest)| rest.split("\r\n").next().unwrap_or_default());
        // Our server writes names in lower case.
        let length = after("\r\ncontent-length: ").map_or(Ok(0), str::parse).map_err(|_| odd("an odd content-length"))?;
        let closing = after("\r\nconnection: ") == Some("close");
        let whole = end + 4 + length;
        while self.buffer.len() < whole {
            read_some(stream, &mut self.buffer).await?;
        }
        self.buffer.drain(..whole);
        Ok((status, closing))
    }

    async fn exchange(&mut self, bytes: &[u8], no_body: bool) -> Result<Answer> {
        let stream = connected(&mut self.stream, self.address).await?;
        // A server that refuses a long request answers before it has read it whole: then the answer counts.
        let sent = write_all(stream, bytes).await;
        let answer = read_answer(stream, &mut self.buffer, no_body).await;
        if answer.is_err() {
            sent?;
        }
        answer
    }
}

/// The open connection, or a new one. It is taken out only when it is broken.
async fn connected(kept: &mut Option<TcpStream>, address: SocketAddr) -> Result<&mut TcpStream> {
    let stream = match kept.take() {
        Some(stream) => stream,
        None => {
            let stream = TcpStream::connect(address).await?;
            stream.set_nodelay(true)?;
            stream
        }
    };
    Ok(kept.insert(stream))
}

async fn write_all(stream: &TcpStream, mut bytes: &[u8]) -> Result<()> {
    while !bytes.is_empty() {
        match stream.try_write(bytes) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(n) => bytes = &bytes[n..],
            Err(e) if e.kind() == ErrorKind::WouldBlock => stream.writable().await?,
            Err(e) => return Err(e),
        }
    }
    Ok(())
}

async fn read_some(stream: &TcpStream, buffer: &mut Vec<u8>) -> Result<()> {
    let start = buffer.len();
    if start > MAX_ANSWER {
        return Err(odd("too long an answer"));
    }
    buffer.resize(start + 8192, 0);
    loop {
        match stream.try_read(&mut buffer[start..]) {
            Ok(0) => {
                buffer.truncate(start);
                return Err(ErrorKind::UnexpectedEof.into());
            }
            Ok(n) => {
                buffer.truncate(start + n);
                return Ok(());
            }
            Err(e) if e.kind() == ErrorKind::WouldBlock => {
                if let Err(e) = stream.readable().await {
                    buffer.truncate(start);
                    return Err(e);
                }
            }
            Err(e) => {
                buffer.truncate(start);
                return Err(e);
            }
        }
    }
}

/// Reads until a head is whole; answers where its last line ends.
async fn head(stream: &TcpStream, buffer: &mut Vec<u8>) -> Result<usize> {
    let mut looked = 0_usize;
    loop {
        if let Some(at) = buffer[looked..].windows(4).position(|four| four == b"\r\n\r\n") {
            return Ok(looked + at);
        }
        looked = buffer.len().saturating_sub(3);
        read_some(stream, buffer).await?;
    }
}

async fn read_answer(stream: &TcpStream, buffer: &mut Vec<u8>, no_body: bool) -> Result<Answer> {
    let end = head(stream, buffer).await?;
    let head = std::str::from_utf8(&buffer[..end]).map_err(|_| odd("a head that is not text"))?;
    let (status, headers) = parse_head(head)?;
    let mut answer = Answer { status, headers, body: Vec::new() };
    let length = match answer.header("content-length") {
        _ if no_body || matches!(status, 204 | 304) => 0,
        Some(length) => length.parse::<usize>().map_err(|_| odd("an odd content-length"))?,
        None if answer.header("transfer-encoding").is_some() => return Err(odd("a chunked answer")),
        None => 0,
    };
    let begin = end + 4;
    while buffer.len() < begin + length {
        read_some(stream, buffer).await?;
    }
    answer.body.extend_from_slice(&buffer[begin..begin + length]);
    buffer.drain(..begin + length);
    Ok(answer)
}

fn parse_head(head: &str) -> Result<(u16, Vec<(String, String)>)> {
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|code| code.parse().ok());
    let status = status.ok_or_else(|| odd("no status line"))?;
    let pair = |line: &str| line.split_once(':').map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()));
    let headers = lines.map(|line| pair(line).ok_or_else(|| odd("an odd header"))).collect::<Result<_>>()?;
    Ok((status, headers))
}

fn odd(what: &str) -> Error {
    Error::new(ErrorKind::InvalidData, format!("the server sent {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_taken_apart() {
        let (status, headers) = parse_head("HTTP/1.1 303 See Other\r\nLocation: /a:b\r\nset-cookie: a=1; Path=/").unwrap();
        let answer = Answer { status, headers, body: Vec::new() };
        assert_eq!((answer.status, answer.header("location"), answer.cookie("a")), (303, Some("/a:b"), Some("1")));
        assert!(parse_head("nonsense").is_err());
    }
}
