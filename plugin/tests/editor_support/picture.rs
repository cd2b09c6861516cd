//! Pictures of the window: egui's triangles, drawn one by one on the CPU. No GPU, no display, the same on every machine.

use egui::epaint::{ClippedPrimitive, ImageData, Mesh, Primitive, Vertex};
use egui::{Color32, Context, FullOutput, Pos2, Rect, TextureId, TexturesDelta};
use egui_kittest::TestRenderer;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// Textures by their number: width, height, pixels.
pub(crate) type Textures = HashMap<TextureId, (usize, usize, Vec<Color32>)>;

/// Keeps the textures that a window makes.
pub(crate) struct Collector(pub(crate) Arc<Mutex<Textures>>);

impl TestRenderer for Collector {
    fn handle_delta(&mut self, delta: &mut TexturesDelta) {
        let mut textures = self.0.lock().expect("no test has panicked while painting");
        for (id, images) in delta.set.drain() {
            for image in images {
                let ImageData::Color(pixels) = &image.image;
                let [width, height] = pixels.size;
                match image.pos {
                    None => {
                        textures.insert(id, (width, height, pixels.pixels.clone()));
                    }
                    Some([left, top]) => {
                        let (whole, _, target) =
                            textures.get_mut(&id).expect("a texture is whole first");
                        for row in 0..height {
                            let to = (top + row) * *whole + left;
                            target[to..to + width]
                                .copy_from_slice(&pixels.pixels[row * width..(row + 1) * width]);
                        }
                    }
                }
            }
        }
        for id in delta.free.drain() {
            textures.remove(&id);
        }
    }
}

/// A picture.
pub(crate) struct Picture {
    pub(crate) width: usize,
    pub(crate) height: usize,
    scale: f32,
    pixels: Vec<[f32; 4]>,
}

impl Picture {
    /// Draws what a window has put out last.
    pub(crate) fn paint(ctx: &Context, output: &FullOutput, textures: &Textures) -> Self {
        let scale = output.pixels_per_point;
        let size = ctx.content_rect().size() * scale;
        let (width, height) = (size.x.round() as usize, size.y.round() as usize);
        let mut picture = Self {
            width,
            height,
            scale,
            pixels: vec![[0.0, 0.0, 0.0, 1.0]; width * height],
        };
        for ClippedPrimitive {
            clip_rect,
            primitive,
        } in ctx.tessellate(output.shapes.clone(), scale)
        {
            if let Primitive::Mesh(mesh) = primitive {
                picture.mesh(&mesh, clip_rect, textures);
            }
        }
        picture
    }

    fn mesh(&mut self, mesh: &Mesh, clip: Rect, textures: &Textures) {
        let Some(texture) = textures.get(&mesh.texture_id) else {
            panic!("{:?} was never made", mesh.texture_id);
        };
        let limit =
            |value: f32, most: usize| (value * self.scale).round().clamp(0.0, most as f32) as usize;
        let clip = [
            limit(clip.left(), self.width),
            limit(clip.top(), self.height),
            limit(clip.right(), self.width),
            limit(clip.bottom(), self.height),
        ];
        for triangle in mesh.indices.chunks_exact(3) {
            let corner = |at: usize| mesh.vertices[triangle[at] as usize];
            self.triangle([corner(0), corner(1), corner(2)], clip, texture);
        }
    }

    fn triangle(
        &mut self,
        corners: [Vertex; 3],
        [left, top, right, bottom]: [usize; 4],
        texture: &(usize, usize, Vec<Color32>),
    ) {
        let at = corners.map(|corner| (corner.pos.x * self.scale, corner.pos.y * self.scale));
        let cross = |a: (f32, f32), b: (f32, f32), p: (f32, f32)| {
            (b.0 - a.0) * (p.1 - a.1) - (b.1 - a.1) * (p.0 - a.0)
        };
        let area = cross(at[0], at[1], at[2]);
        if area == 0.0 || !area.is_finite() {
            return;
        }
        let fold = |pick: fn(&(f32, f32)) -> f32, first: f32, keep: fn(f32, f32) -> f32| {
            at.iter().map(pick).fold(first, keep)
        };
        let from_x = (fold(|p| p.0, f32::MAX, f32::min).floor().max(0.0) as usize).max(left);
        let to_x = (fold(|p| p.0, f32::MIN, f32::max).ceil().max(0.0) as usize).min(right);
        let from_y = (fold(|p| p.1, f32::MAX, f32::min).floor().max(0.0) as usize).max(top);
        let to_y = (fold(|p| p.1, f32::MIN, f32::max).ceil().max(0.0) as usize).min(bottom);
        // A pixel on an edge belongs to one of the two triangles that share it.
        let owns = |a: (f32, f32), b: (f32, f32)| {
            let (x, y) = ((b.0 - a.0) * area.signum(), (b.1 - a.1) * area.signum());
            y < 0.0 || (y == 0.0 && x > 0.0)
        };
        let edges = [(at[1], at[2]), (at[2], at[0]), (at[0], at[1])];
        for y in from_y..to_y {
            for x in from_x..to_x {
                let point = (x as f32 + 0.5, y as f32 + 0.5);
                let mut weights = [0.0; 3];
                let mut inside = true;
                for (weight, &(a, b)) in weights.iter_mut().zip(&edges) {
                    *weight = cross(a, b, point) / area;
                    inside &= *weight > 0.0 || (*weight == 0.0 && owns(a, b));
                }
                if inside {
                    self.blend(x, y, &corners, weights, texture);
                }
            }
        }
    }

    fn blend(
        &mut self,
        x: usize,
        y: usize,
        corners: &[Vertex; 3],
        weights: [f32; 3],
        texture: &(usize, usize, Vec<Color32>),
    ) {
        let mut colour = [0.0; 4];
        let mut uv = (0.0, 0.0);
        for (corner, weight) in corners.iter().zip(weights) {
            for (sum, part) in colour.iter_mut().zip(corner.color.to_array()) {
                *sum += f32::from(part) / 255.0 * weight;
            }
            uv = (uv.0 + corner.uv.x * weight, uv.1 + corner.uv.y * weight);
        }
        let texel = sample(texture, uv);
        let pixel = &mut self.pixels[y * self.width + x];
        let alpha = colour[3] * texel[3];
        for ((target, colour), texel) in pixel.iter_mut().zip(colour).zip(texel) {
            // Premultiplied, in gamma space, as egui's own painters blend.
            *target = colour * texel + *target * (1.0 - alpha);
        }
    }

    /// The colour at a place in points.
    pub(crate) fn at(&self, place: Pos2) -> Color32 {
        let x = ((place.x * self.scale) as usize).min(self.width - 1);
        let y = ((place.y * self.scale) as usize).min(self.height - 1);
        let [red, green, blue, _] =
            self.pixels[y * self.width + x].map(|value| (value * 255.0).round() as u8);
        Color32::from_rgb(red, green, blue)
    }

    /// Share of the pixels in `rect` that are near `colour`.
    pub(crate) fn share(&self, rect: Rect, colour: Color32) -> f32 {
        let (mut near, mut all) = (0.0, 0.0_f32);
        let step = 1.0 / self.scale;
        let mut y = rect.top() + step / 2.0;
        while y < rect.bottom() {
            let mut x = rect.left() + step / 2.0;
            while x < rect.right() {
                let pixel = self.at(Pos2::new(x, y));
                let far = pixel
                    .to_array()
                    .iter()
                    .zip(colour.to_array())
                    .any(|(a, b)| a.abs_diff(b) > 10);
                near += if far { 0.0 } else { 1.0 };
                all += 1.0;
                x += step;
            }
            y += step;
        }
        near / all.max(1.0)
    }

    /// Writes the picture beside the build and returns where.
    pub(crate) fn save(&self, name: &str) -> PathBuf {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("editor");
        std::fs::create_dir_all(&folder).expect("the build's folder can be written");
        let path = folder.join(format!("{name}.png"));
        let file = std::fs::File::create(&path).expect("the picture can be written");
        let mut encoder = png::Encoder::new(
            std::io::BufWriter::new(file),
            self.width as u32,
            self.height as u32,
        );
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.set_compression(png::Compression::High);
        let bytes = self
            .pixels
            .iter()
            .flat_map(|pixel| [pixel[0], pixel[1], pixel[2]])
            .map(|value| (value * 255.0).round() as u8)
            .collect::<Vec<_>>();
        encoder
            .write_header()
            .and_then(|mut writer| writer.write_image_data(&bytes))
            .expect("the picture can be written");
        path
    }
}

/// Bilinear, with edges that last.
fn sample((width, height, pixels): &(usize, usize, Vec<Color32>), uv: (f32, f32)) -> [f32; 4] {
    let place = |share: f32, size: usize| {
        let at = (share * size as f32 - 0.5).clamp(0.0, size as f32 - 1.0);
        (
            at.floor() as usize,
            (at.floor() as usize + 1).min(size - 1),
            at.fract(),
        )
    };
    let (left, right, across) = place(uv.0, *width);
    let (top, bottom, down) = place(uv.1, *height);
    let mut sum = [0.0; 4];
    for (x, y, weight) in [
        (left, top, (1.0 - across) * (1.0 - down)),
        (right, top, across * (1.0 - down)),
        (left, bottom, (1.0 - across) * down),
        (right, bottom, across * down),
    ] {
        if weight > 0.0 {
            for (sum, part) in sum.iter_mut().zip(pixels[y * width + x].to_array()) {
                *sum += f32::from(part) / 255.0 * weight;
            }
        }
    }
    sum
}
