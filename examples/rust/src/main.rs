//! A small HTTP server: GET / says hello, GET /health says that it works.

use std::env;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

const LONGEST_REQUEST: usize = 8 * 1024;

/// The value of the first variable that is set and not empty.
fn variable(names: &[&str]) -> Option<String> {
    names
        .iter()
        .filter_map(|name| env::var(name).ok())
        .find(|value| !value.is_empty())
}

/// A JSON text.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if (c as u32) < 0x20 => out += &format!("\\u{:04x}", c as u32),
            c => out.push(c),
        }
    }
    out + "\""
}

fn hello() -> String {
    let message = variable(&["GREETING_PUBLIC"]).unwrap_or_else(|| "Hello".into());
    // The words themselves are never shown: whoever has them has the wallet.
    let has_wallet = variable(&["MNEMONIC"]).is_some();
    format!(
        "{{\"message\":{},\"hasWallet\":{}}}\n",
        quoted(&message),
        has_wallet
    )
}

fn answer(method: &str, path: &str) -> (&'static str, String) {
    match (method, path.split('?').next().unwrap_or("")) {
        ("GET", "/") => ("200 OK", hello()),
        ("GET", "/health") => ("200 OK", "{\"status\":\"ok\"}\n".into()),
        _ => ("404 Not Found", "{\"error\":\"not found\"}\n".into()),
    }
}

/// The head of a request: all up to the empty line.
fn read_head(stream: &mut TcpStream) -> io::Result<String> {
    let mut head = Vec::new();
    let mut chunk = [0; 1024];
    while !head.windows(4).any(|four| four == b"\r\n\r\n") {
        let count = stream.read(&mut chunk)?;
        if count == 0 || head.len() + count > LONGEST_REQUEST {
            return Err(io::ErrorKind::InvalidData.into());
        }
        head.extend_from_slice(&chunk[..count]);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}

fn serve(mut stream: TcpStream) -> io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    stream.set_write_timeout(Some(Duration::from_secs(10)))?;
    let head = read_head(&mut stream)?;
    let mut words = head.split_ascii_whitespace();
    let method = words.next().unwrap_or("");
    let path = words.next().unwrap_or("");
    let (status, body) = answer(method, path);
    println!("{method} {path} {status}");
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n{body}",
        body.len()
    )
}

fn main() -> io::Result<()> {
    let port = variable(&["PORT", "APP_PORT"]).unwrap_or_else(|| "8080".into());
    // All addresses: bound to localhost the app would run and answer nobody.
    let listener = TcpListener::bind(format!("0.0.0.0:{port}"))?;
    println!("listening on {}", listener.local_addr()?);
    for stream in listener.incoming() {
        let stream = stream?;
        thread::spawn(move || {
            if let Err(error) = serve(stream) {
                eprintln!("{error}");
            }
        });
    }
    Ok(())
}
