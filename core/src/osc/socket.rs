//! `OscSocket`: packets on their way, over UDP.

use std::net::{SocketAddr, ToSocketAddrs, UdpSocket};
use std::time::SystemTime;

use super::{OscError, OscForm, OscUpdate, encode};

/// A place to which updates are sent. Nothing answers: whether somebody listens there is not known.
#[derive(Debug)]
pub struct OscSocket {
    socket: UdpSocket,
    address: SocketAddr,
}

impl OscSocket {
    /// Looks up the place and opens a socket that never waits. Real-time safe: no.
    ///
    /// # Errors
    /// [`OscError::Target`] if the name has no address, the port is 0, or the system gives no socket.
    pub fn open(host: &str, port: u16) -> Result<Self, OscError> {
        let failed = |reason: String| OscError::Target {
            host: host.to_owned(),
            port,
            reason,
        };
        if port == 0 {
            return Err(failed("port 0 cannot be sent to".to_owned()));
        }
        let address = (host, port)
            .to_socket_addrs()
            .map_err(|error| failed(error.to_string()))?
            .next()
            .ok_or_else(|| failed("the name has no address".to_owned()))?;
        let any = if address.is_ipv4() {
            "0.0.0.0:0"
        } else {
            "[::]:0"
        };
        let socket = UdpSocket::bind(any).map_err(|error| failed(error.to_string()))?;
        socket
            .set_nonblocking(true)
            .map_err(|error| failed(error.to_string()))?;
        Ok(Self { socket, address })
    }

    /// Where it goes.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Sends an update now. Real-time safe: no.
    ///
    /// # Errors
    /// If the packet cannot be made or the system does not take it.
    pub fn send(&self, update: &OscUpdate<'_>, form: OscForm) -> Result<(), OscError> {
        let bytes = encode(update, form, SystemTime::now())?;
        self.socket
            .send_to(&bytes, self.address)
            .map(drop)
            .map_err(|error| OscError::Send {
                address: self.address,
                reason: error.to_string(),
            })
    }
}
