//! `Rules`: who may use a server of this program. A page of somebody else must not, even through a browser on this machine.
//!
//! - **Host**: on a loopback address only its own names are answered, so that a foreign name that is made to point at this machine ("DNS rebinding") opens nothing.
//! - **Origin**: browsers let any page open a WebSocket anywhere, and say which page it is; only pages of this server, or of an allowed origin, may.
//! - **Site**: a request without an origin, as for a picture or a sound, still says whether another site's page made it.
//! - **Token**: where others can reach the address, they must know it. It is compared in constant time.

use std::net::IpAddr;

use axum::http::uri::Authority;
use axum::http::{HeaderMap, Uri, header};
use subtle::ConstantTimeEq;

use crate::trouble::Trouble;

/// Fewer characters can be guessed.
const TOKEN_CHARACTERS: usize = 16;

/// Which rule a request broke.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Broken {
    /// The address under which the server was asked for is not its own.
    Host,
    /// The request comes from a page of somebody else.
    Origin,
    /// The token is missing or wrong.
    Token,
}

/// Why a request is refused, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) broken: Broken,
    pub(crate) message: String,
}

impl Refusal {
    fn new(broken: Broken, message: impl Into<String>) -> Self {
        Self {
            broken,
            message: message.into(),
        }
    }
}

/// Who may use the server.
#[derive(Debug)]
pub(crate) struct Rules {
    loopback: bool,
    token: Option<String>,
    /// As browsers send them: `https://voice.example`, lower case. `None`: no other page can be allowed.
    origins: Option<Vec<String>>,
}

impl Rules {
    /// Only this machine, and only the server's own page.
    pub(crate) fn of_this_machine() -> Self {
        Self {
            loopback: true,
            token: None,
            origins: None,
        }
    }

    pub(crate) fn new(
        address: IpAddr,
        token: Option<String>,
        origins: &[String],
    ) -> Result<Self, Trouble> {
        let loopback = address.is_loopback();
        if token.is_none() && !loopback {
            return Err(Trouble::Misused(format!(
                "--listen {address}: others can reach this address; choose a --token that they must know (or set UNDERSONG_TOKEN), such as the output of `openssl rand -hex 16`"
            )));
        }
        if let Some(token) = &token {
            let fits = token.len() >= TOKEN_CHARACTERS
                && token.bytes().all(|byte| byte.is_ascii_graphic());
            if !fits {
                return Err(Trouble::Misused(format!(
                    "--token: expected {TOKEN_CHARACTERS} or more letters, digits and signs without spaces, such as the output of `openssl rand -hex 16`"
                )));
            }
        }
        let origins = origins
            .iter()
            .map(|origin| {
                let given = origin.trim_end_matches('/').to_lowercase();
                if authority_of(&given).is_some() {
                    return Ok(given);
                }
                Err(Trouble::Misused(format!(
                    "--allow-origin {origin}: expected a scheme and a name, such as https://voice.example or http://localhost:3000"
                )))
            })
            .collect::<Result<_, _>>()?;
        Ok(Self {
            loopback,
            token,
            origins: Some(origins),
        })
    }

    /// Whether the server was asked for under a name of its own.
    pub(crate) fn check_host(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        if !self.loopback {
            return Ok(());
        }
        let host = text(headers, &header::HOST);
        let own = host
            .and_then(|host| host.parse::<Authority>().ok())
            .is_some_and(|host| is_this_machine(host.host()) || self.allows(host.as_str()));
        if own {
            return Ok(());
        }
        let mut message = format!(
            "this server is for this machine only and does not answer to the name {:?}; use 127.0.0.1 or localhost",
            host.unwrap_or_default()
        );
        if self.origins.is_some() {
            message.push_str(", or start it with --allow-origin for that name");
        }
        Err(Refusal::new(Broken::Host, message))
    }

    /// Whether the request comes from no page, from one of this server, or from an allowed one.
    pub(crate) fn check_origin(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let Some(origin) = headers.get(header::ORIGIN) else {
            return Ok(());
        };
        let origin = String::from_utf8_lossy(origin.as_bytes()).to_lowercase();
        let host = text(headers, &header::HOST).unwrap_or_default();
        let own = authority_of(&origin).is_some_and(|page| page.eq_ignore_ascii_case(host));
        if own || self.allowed().contains(&origin) {
            return Ok(());
        }
        let mut message = format!("pages of {origin:?} may not use this server");
        if self.origins.is_some() {
            message.push_str(&format!(
                "; start it with --allow-origin {origin} if they should"
            ));
        }
        Err(Refusal::new(Broken::Origin, message))
    }

    /// Whether the browser says that no other site's page had it make the request; other programs say nothing. (Fetch Metadata Request Headers,
    /// W3C: another port of this machine is `same-site`, and as foreign.) Somebody who follows a link is let in: `navigation` says whether the
    /// address is one to go to.
    pub(crate) fn check_site(&self, headers: &HeaderMap, navigation: bool) -> Result<(), Refusal> {
        let said = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let own = matches!(said("sec-fetch-site"), None | Some("same-origin" | "none"));
        let went = navigation
            && said("sec-fetch-mode") == Some("navigate")
            && said("sec-fetch-dest") == Some("document");
        if own || went {
            return Ok(());
        }
        Err(Refusal::new(
            Broken::Origin,
            "pages of other sites may not use this server; open its own page",
        ))
    }

    /// Whether the token was shown, where there is one.
    pub(crate) fn check_token(&self, headers: &HeaderMap, uri: &Uri) -> Result<(), Refusal> {
        let Some(token) = &self.token else {
            return Ok(());
        };
        let shown = text(headers, &header::AUTHORIZATION).and_then(|value| {
            let (scheme, token) = value.split_once(' ')?;
            scheme
                .eq_ignore_ascii_case("bearer")
                .then(|| token.trim().to_owned())
        });
        let shown = shown.or_else(|| {
            let query = axum::extract::Query::<Vec<(String, String)>>::try_from_uri(uri).ok()?;
            let of_token = query.0.into_iter().find(|(name, _)| name == "token");
            of_token.map(|(_, token)| token)
        });
        let right = shown
            .as_ref()
            .is_some_and(|shown| bool::from(shown.as_bytes().ct_eq(token.as_bytes())));
        if right {
            return Ok(());
        }
        let problem = if shown.is_some() { "wrong" } else { "missing" };
        Err(Refusal::new(
            Broken::Token,
            format!(
                "the token is {problem}; send the one that the server was started with, as `Authorization: Bearer TOKEN` or as `?token=TOKEN`"
            ),
        ))
    }

    /// Whether this is the name of an allowed origin.
    fn allows(&self, host: &str) -> bool {
        let mut names = self.allowed().iter().filter_map(|it| authority_of(it));
        names.any(|name| name.eq_ignore_ascii_case(host))
    }

    fn allowed(&self) -> &[String] {
        self.origins.as_deref().unwrap_or_default()
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &header::HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// Name and port of an origin such as `https://voice.example`.
fn authority_of(origin: &str) -> Option<&str> {
    let (scheme, rest) = origin.split_once("://")?;
    let valid = rest.parse::<Authority>().is_ok() && !rest.contains('@');
    (matches!(scheme, "http" | "https") && valid).then_some(rest)
}

fn is_this_machine(host: &str) -> bool {
    let address = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
        .unwrap_or(host);
    host.eq_ignore_ascii_case("localhost")
        || address.parse::<IpAddr>().is_ok_and(|it| it.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(header::HeaderName, &str)]) -> HeaderMap {
        let pairs = pairs.iter().cloned();
        pairs
            .map(|(name, value)| (name, value.parse().unwrap()))
            .collect()
    }

    fn local(origins: &[&str]) -> Rules {
        let origins = origins.iter().map(|&it| it.to_owned()).collect::<Vec<_>>();
        Rules::new(IpAddr::from([127, 0, 0, 1]), None, &origins).unwrap()
    }

    #[test]
    fn only_names_of_this_machine_are_answered_there() {
        let rules = local(&["https://voice.example"]);
        let allowed = |host| rules.check_host(&headers(&[(header::HOST, host)])).is_ok();
        for host in [
            "localhost",
            "LocalHost:7077",
            "127.0.0.1:1",
            "127.8.9.1",
            "[::1]:7077",
            "voice.example",
        ] {
            assert!(allowed(host), "{host}");
        }
        for host in [
            "evil.example",
            "localhost.evil.example:7077",
            "127.0.0.1.evil.example",
            "voice.example:81",
            "192.168.0.2",
            "",
        ] {
            assert!(!allowed(host), "{host}");
        }
        assert!(rules.check_host(&HeaderMap::new()).is_err());
    }

    #[test]
    fn a_page_must_be_this_servers_or_allowed() {
        let rules = local(&["http://localhost:3000/"]);
        let allowed = |origin| {
            let headers = headers(&[(header::HOST, "127.0.0.1:7077"), (header::ORIGIN, origin)]);
            rules.check_origin(&headers).is_ok()
        };
        assert!(rules.check_origin(&HeaderMap::new()).is_ok());
        for origin in ["http://127.0.0.1:7077", "http://localhost:3000"] {
            assert!(allowed(origin), "{origin}");
        }
        for origin in [
            "null",
            "http://127.0.0.1:7078",
            "http://127.0.0.1",
            "http://localhost:7077",
            "https://evil.example",
            "file://127.0.0.1:7077",
            "http://evil@127.0.0.1:7077",
        ] {
            assert!(!allowed(origin), "{origin}");
        }
    }

    #[test]
    fn a_page_of_another_site_is_told_by_what_its_browser_says() {
        let rules = Rules::of_this_machine();
        let check = |pairs: &[(&'static str, &str)], navigation| {
            let pairs = pairs.iter().map(|&(name, value)| {
                let name = header::HeaderName::from_static(name);
                (name, value.parse().unwrap())
            });
            rules.check_site(&pairs.collect(), navigation).is_ok()
        };
        assert!(check(&[], false));
        assert!(check(&[("sec-fetch-site", "same-origin")], false));
        assert!(check(&[("sec-fetch-site", "none")], false));
        for site in ["cross-site", "same-site", "what"] {
            assert!(!check(&[("sec-fetch-site", site)], false), "{site}");
            assert!(!check(&[("sec-fetch-site", site)], true), "{site}");
        }
        let link = [
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-mode", "navigate"),
            ("sec-fetch-dest", "document"),
        ];
        assert!(check(&link, true));
        assert!(!check(&link, false));
        let frame = [link[0], link[1], ("sec-fetch-dest", "iframe")];
        assert!(!check(&frame, true));
    }

    #[test]
    fn a_token_is_shown_in_either_way_and_whole() {
        let token = "0123456789abcdef+/=";
        let rules = Rules::new(IpAddr::from([0, 0, 0, 0]), Some(token.to_owned()), &[]).unwrap();
        let check = |authorization: Option<&str>, uri: &str| {
            let headers = authorization
                .map_or_else(HeaderMap::new, |it| headers(&[(header::AUTHORIZATION, it)]));
            rules.check_token(&headers, &uri.parse().unwrap())
        };
        assert!(check(Some("Bearer 0123456789abcdef+/="), "/stream").is_ok());
        assert!(check(Some("bearer 0123456789abcdef+/="), "/stream").is_ok());
        assert!(check(None, "/stream?token=0123456789abcdef%2B%2F%3D").is_ok());
        for (authorization, uri, problem) in [
            (None, "/stream", "missing"),
            (None, "/stream?token=", "wrong"),
            (None, "/stream?token=0123456789abcdef", "wrong"),
            (Some("Bearer 0123456789abcdef"), "/stream", "wrong"),
            (Some("Basic 0123456789abcdef+/="), "/stream", "missing"),
        ] {
            let refused = check(authorization, uri).unwrap_err();
            assert_eq!(refused.broken, Broken::Token);
            assert!(refused.message.contains(problem), "{}", refused.message);
        }
    }
}
