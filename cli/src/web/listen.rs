//! Where a server listens, and how it is told to end.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use tokio::net::{TcpListener, TcpSocket};
use tokio::runtime::Runtime;
use tokio::sync::watch;

use crate::interrupt;
use crate::trouble::Trouble;

/// Connections that the system keeps until they are taken.
const QUEUE: u32 = 1_024;

/// Reads `ADDRESS:PORT`, `localhost:PORT` or a port of this machine, as `--listen` has it; `usual` is the port for the advice.
pub(crate) fn address(text: &str, usual: u16) -> Result<SocketAddr, Trouble> {
    let local = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let port = text.strip_prefix("localhost:").unwrap_or(text);
    if let Ok(port) = port.parse::<u16>() {
        return Ok(SocketAddr::new(local, port));
    }
    text.parse().map_err(|_| {
        Trouble::Misused(format!(
            "--listen {text}: expected an address and a port, such as 127.0.0.1:{usual}, [::1]:{usual} or 0.0.0.0:{usual}, or a port alone"
        ))
    })
}

/// Threads that carry messages; the work behind a server has its own.
const MESSAGE_THREADS: usize = 2;

/// Listens, with threads that carry messages and `waiting_threads` for what waits. Done before a model is loaded, so that what cannot be had is said at
/// once. `asked` is the option that chose the address, as it was given; the system keeps `send_bytes` of what a client has not read, or as much as it likes.
pub(crate) fn start(
    asked: &str,
    address: SocketAddr,
    send_bytes: Option<u32>,
    waiting_threads: usize,
) -> Result<(Runtime, TcpListener), Trouble> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(MESSAGE_THREADS)
        .max_blocking_threads(waiting_threads)
        .thread_name("messages")
        .enable_io()
        .enable_time()
        .build()
        .map_err(Trouble::thread)?;
    let listener = runtime.block_on(async { listen_at(address, send_bytes) });
    let listener = listener.map_err(|error| {
        Trouble::Misused(format!(
            "{asked}: {error}; choose another port (0 takes a free one), or end the program that uses it"
        ))
    })?;
    Ok((runtime, listener))
}

/// Turns true when Ctrl-C or SIGTERM ends the server in order; a second Ctrl-C ends it at once.
pub(crate) fn end_in_order(runtime: &Runtime) -> watch::Receiver<bool> {
    let (end, ending) = watch::channel(false);
    let end = Arc::new(end);
    let on_interrupt = Arc::clone(&end);
    interrupt::end_in_order(move || {
        let _ = on_interrupt.send(true);
    });
    let _inside = runtime.enter();
    end_when_terminated(end);
    ending
}

/// Listens; needs the runtime.
fn listen_at(address: SocketAddr, send_bytes: Option<u32>) -> io::Result<TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4(),
        SocketAddr::V6(_) => TcpSocket::new_v6(),
    }?;
    // A port is free again as soon as its program has ended. (Windows means something else by it.)
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    if let Some(bytes) = send_bytes {
        socket.set_send_buffer_size(bytes)?;
    }
    socket.bind(address)?;
    socket.listen(QUEUE)
}

/// Resolves once the server is to end.
pub(crate) async fn ended(mut ending: watch::Receiver<bool>) {
    let _ = ending.wait_for(|&ended| ended).await;
}

/// SIGTERM ends the server as Ctrl-C does: it is what service managers send.
#[cfg(unix)]
fn end_when_terminated(end: Arc<watch::Sender<bool>>) {
    use tokio::signal::unix::{SignalKind, signal};
    // Where it is refused, SIGTERM does what it always does.
    if let Ok(mut terminated) = signal(SignalKind::terminate()) {
        tokio::spawn(async move {
            while terminated.recv().await.is_some() {
                let _ = end.send(true);
            }
        });
    }
}

#[cfg(not(unix))]
fn end_when_terminated(_end: Arc<watch::Sender<bool>>) {}
