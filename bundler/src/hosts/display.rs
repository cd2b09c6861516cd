//! A window for a plugin's editor under X11, and pictures of it.

use super::HostError;
use std::fs::File;
use std::io::BufWriter;
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;
use x11rb::connection::Connection;
use x11rb::protocol::xproto::{
    BUTTON_PRESS_EVENT, BUTTON_RELEASE_EVENT, ButtonPressEvent, ConfigureWindowAux, ConnectionExt,
    CreateWindowAux, EventMask, ImageFormat, KeyButMask, MOTION_NOTIFY_EVENT, WindowClass,
};
use x11rb::rust_connection::RustConnection;

/// A connection to the X server that `DISPLAY` names.
#[derive(Debug, Clone)]
pub struct Display {
    connection: Rc<RustConnection>,
    screen: usize,
}

/// A window of the host's, closed when dropped.
#[derive(Debug)]
pub struct Window {
    display: Display,
    id: u32,
}

/// What a window shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Pixels in a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Red, green, blue of every pixel, row by row.
    pub pixels: Vec<[u8; 3]>,
}

fn failed(error: impl std::fmt::Display) -> HostError {
    HostError::Display(error.to_string())
}

fn length(pixels: u32) -> Result<u16, HostError> {
    u16::try_from(pixels).map_err(|_| HostError::Display(format!("{pixels} pixels are too many")))
}

impl Display {
    /// Connects.
    ///
    /// # Errors
    /// If there is no X server.
    pub fn open() -> Result<Self, HostError> {
        let (connection, screen) = x11rb::connect(None).map_err(failed)?;
        Ok(Self {
            connection: Rc::new(connection),
            screen,
        })
    }

    /// A new window, shown.
    ///
    /// # Errors
    /// If the server refuses.
    pub fn window(&self, width: u32, height: u32) -> Result<Window, HostError> {
        let connection = &*self.connection;
        let screen = connection.setup().roots.get(self.screen);
        let screen = screen.ok_or_else(|| HostError::Display("no screen".to_owned()))?;
        let id = connection.generate_id().map_err(failed)?;
        let (width, height) = (length(width)?, length(height)?);
        // A colour that no editor fills itself with: what stays magenta was not painted.
        let look = CreateWindowAux::new().background_pixel(0x00FF_00FF);
        connection
            .create_window(
                x11rb::COPY_DEPTH_FROM_PARENT,
                id,
                screen.root,
                0,
                0,
                width,
                height,
                0,
                WindowClass::INPUT_OUTPUT,
                screen.root_visual,
                &look,
            )
            .map_err(failed)?
            .check()
            .map_err(failed)?;
        connection
            .map_window(id)
            .map_err(failed)?
            .check()
            .map_err(failed)?;
        Ok(Window {
            display: self.clone(),
            id,
        })
    }
}

impl Window {
    /// Its number on the server.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// Gives it another size.
    ///
    /// # Errors
    /// If the server refuses.
    pub fn resize(&self, width: u32, height: u32) -> Result<(), HostError> {
        let size = ConfigureWindowAux::new()
            .width(u32::from(length(width)?))
            .height(u32::from(length(height)?));
        let connection = &*self.display.connection;
        let asked = connection
            .configure_window(self.id, &size)
            .map_err(failed)?;
        asked.check().map_err(failed)
    }

    /// Width and height of each window inside of it.
    ///
    /// # Errors
    /// If the server refuses.
    pub fn children(&self) -> Result<Vec<(u32, u32)>, HostError> {
        let connection = &*self.display.connection;
        let tree = connection
            .query_tree(self.id)
            .map_err(failed)?
            .reply()
            .map_err(failed)?;
        tree.children
            .into_iter()
            .map(|child| {
                let asked = connection.get_geometry(child).map_err(failed)?;
                let geometry = asked.reply().map_err(failed)?;
                Ok((u32::from(geometry.width), u32::from(geometry.height)))
            })
            .collect()
    }

    /// Clicks into the editor's own window, at a place in pixels from its upper left corner.
    ///
    /// # Errors
    /// If there is no such window, or the server refuses.
    pub fn click(&self, x: i16, y: i16) -> Result<(), HostError> {
        let connection = &*self.display.connection;
        let tree = connection.query_tree(self.id).map_err(failed)?;
        let children = tree.reply().map_err(failed)?.children;
        let &child = children
            .last()
            .ok_or_else(|| HostError::Display("the editor has no window".to_owned()))?;
        let root = connection.setup().roots.get(self.display.screen);
        let root = root.map_or(x11rb::NONE, |screen| screen.root);
        // As a person does it: there, down, up, with time for a frame in between.
        for (kind, mask, held) in [
            (MOTION_NOTIFY_EVENT, EventMask::POINTER_MOTION, 0_u16),
            (BUTTON_PRESS_EVENT, EventMask::BUTTON_PRESS, 0),
            (
                BUTTON_RELEASE_EVENT,
                EventMask::BUTTON_RELEASE,
                u16::from(KeyButMask::BUTTON1),
            ),
        ] {
            let event = ButtonPressEvent {
                response_type: kind,
                detail: u8::from(kind != MOTION_NOTIFY_EVENT),
                sequence: 0,
                time: x11rb::CURRENT_TIME,
                root,
                event: child,
                child: x11rb::NONE,
                root_x: x,
                root_y: y,
                event_x: x,
                event_y: y,
                state: held.into(),
                same_screen: true,
            };
            connection
                .send_event(false, child, mask, event)
                .map_err(failed)?
                .check()
                .map_err(failed)?;
            std::thread::sleep(Duration::from_millis(150));
        }
        Ok(())
    }

    /// What it shows, with all that lies in it.
    ///
    /// # Errors
    /// If the server refuses, or does not give 32 bits for each pixel.
    pub fn picture(&self) -> Result<Picture, HostError> {
        let connection = &*self.display.connection;
        let asked = connection.get_geometry(self.id).map_err(failed)?;
        let size = asked.reply().map_err(failed)?;
        let (width, height) = (size.width, size.height);
        let asked = connection.get_image(ImageFormat::Z_PIXMAP, self.id, 0, 0, width, height, !0);
        let image = asked.map_err(failed)?.reply().map_err(failed)?;
        let (width, height) = (usize::from(width), usize::from(height));
        let (pixels, rest) = image.data.as_chunks::<4>();
        if pixels.len() != width * height || !rest.is_empty() {
            return Err(HostError::Display(
                "the server does not give 32 bits for each pixel".to_owned(),
            ));
        }
        Ok(Picture {
            width,
            height,
            pixels: pixels.iter().map(|&[b, g, r, _]| [r, g, b]).collect(),
        })
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        let connection = &*self.display.connection;
        // The server closes it with the connection anyway.
        let _ = connection.destroy_window(self.id);
        let _ = connection.flush();
    }
}

impl Picture {
    /// Colours in it, with the number of pixels of each, the most frequent first.
    pub fn colours(&self) -> Vec<([u8; 3], usize)> {
        let mut counts = std::collections::HashMap::new();
        for pixel in &self.pixels {
            *counts.entry(*pixel).or_insert(0_usize) += 1;
        }
        let mut colours: Vec<_> = counts.into_iter().collect();
        colours.sort_unstable_by_key(|&(colour, count)| (std::cmp::Reverse(count), colour));
        colours
    }

    /// A part of it, by shares of its width and height.
    pub fn part(&self, left: f32, top: f32, right: f32, bottom: f32) -> Self {
        let columns = place(left, self.width)..place(right, self.width);
        let rows = place(top, self.height)..place(bottom, self.height);
        let mut pixels = Vec::new();
        for row in rows.clone() {
            let row = self.pixels.get(row * self.width..(row + 1) * self.width);
            let part = row.and_then(|row| row.get(columns.clone()));
            pixels.extend_from_slice(part.unwrap_or_default());
        }
        Self {
            width: columns.len(),
            height: rows.len(),
            pixels,
        }
    }

    /// Share of pixels that differ from another picture of the same size; 1 if the sizes differ.
    pub fn difference(&self, other: &Self) -> f64 {
        if (self.width, self.height) != (other.width, other.height) || self.pixels.is_empty() {
            return 1.0;
        }
        let pairs = self.pixels.iter().zip(&other.pixels);
        pairs.filter(|(a, b)| a != b).count() as f64 / self.pixels.len() as f64
    }

    /// The picture as a PNG file.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), HostError> {
        let file = File::create(path)
            .map_err(|error| HostError::Display(format!("{}: {error}", path.display())))?;
        let (width, height) = (length(self.width as u32)?, length(self.height as u32)?);
        let mut encoder = png::Encoder::new(BufWriter::new(file), width.into(), height.into());
        encoder.set_color(png::ColorType::Rgb);
        let mut writer = encoder.write_header().map_err(failed)?;
        writer
            .write_image_data(self.pixels.as_flattened())
            .map_err(failed)?;
        writer.finish().map_err(failed)
    }
}

fn place(share: f32, length: usize) -> usize {
    ((share.clamp(0.0, 1.0) * length as f32).round() as usize).min(length)
}

/// Ends the program at once. An editor's thread may still be at work in the plugin, and would fall over what an orderly end takes away.
#[allow(unsafe_code)]
pub fn leave(code: i32) -> ! {
    use std::io::Write;
    // Nobody reads it any more, and then there is nobody to tell.
    let _ = std::io::stdout().flush();
    // SAFETY: it takes a number and does not come back.
    unsafe { libc::_exit(code) }
}
