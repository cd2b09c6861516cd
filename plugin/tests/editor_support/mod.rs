//! What the editor's tests share: a real take's scores, views made of them, a window without a host, and pictures of it.

#![allow(dead_code, unused_imports, clippy::expect_used)] // each test file uses a part of it

mod host;
mod picture;
mod scene;
mod take;

pub(crate) use host::{Host, Line, Shown, click, open, window};
pub(crate) use picture::Picture;
pub(crate) use scene::{Scene, emotions_named, view};
