//! `FeatureMatrix`: features to hand on, as NumPy's `.npy` or as CSV.

use std::io::{self, Write};

use super::config::{FeatureConfig, FeatureKind};

/// Features of a sound, `[frames, coefficients]`.
#[derive(Debug, Clone, PartialEq)]
pub struct FeatureMatrix {
    /// Number of frames (rows).
    pub frames: usize,
    /// Numbers per frame (columns).
    pub coefficients: usize,
    /// The numbers, row by row.
    pub data: Vec<f32>,
}

impl FeatureMatrix {
    /// Writes NumPy's `.npy`, version 1.0: little-endian float32, C order, shape `(frames, coefficients)`.
    ///
    /// # Errors
    /// What writing to `out` gives.
    pub fn write_npy(&self, out: &mut impl Write) -> io::Result<()> {
        // Magic, version and length are 10 bytes; with the text and its newline they fill a multiple of 64.
        let mut header = format!(
            "{{'descr': '<f4', 'fortran_order': False, 'shape': ({}, {}), }}",
            self.frames, self.coefficients
        );
        while (10 + header.len() + 1) % 64 != 0 {
            header.push(' ');
        }
        header.push('\n');
        out.write_all(b"\x93NUMPY\x01\x00")?;
        // Two numbers and fixed words: always far below 65,536.
        out.write_all(&(header.len() as u16).to_le_bytes())?;
        out.write_all(header.as_bytes())?;
        let mut bytes = Vec::with_capacity(self.coefficients * 4);
        for row in self.rows() {
            bytes.clear();
            bytes.extend(row.iter().flat_map(|x| x.to_le_bytes()));
            out.write_all(&bytes)?;
        }
        Ok(())
    }

    /// Writes CSV: a line of column names (see [`FeatureConfig::coefficient_names`]), then a line per frame; each number with as many digits as tell it apart.
    ///
    /// # Errors
    /// What writing to `out` gives.
    pub fn write_csv(&self, names: &[String], out: &mut impl Write) -> io::Result<()> {
        let mut writer = csv::Writer::from_writer(out);
        writer.write_record(names)?;
        for row in self.rows() {
            writer.write_record(row.iter().map(f32::to_string))?;
        }
        writer.flush()
    }

    /// The frames, oldest first, `[coefficients]` each.
    pub fn rows(&self) -> impl Iterator<Item = &[f32]> {
        self.data.chunks_exact(self.coefficients.max(1))
    }
}

impl FeatureConfig {
    /// A name per coefficient, in order: `mel_0` or `mfcc_0`, with `delta_` and `delta2_` before those of differences.
    pub fn coefficient_names(&self) -> Vec<String> {
        let name = match self.kind {
            FeatureKind::LogMel => "mel",
            FeatureKind::Mfcc { .. } => "mfcc",
        };
        let orders = usize::from(self.deltas) + 1;
        let base = self.coefficients() / orders;
        (0..orders)
            .flat_map(|order| {
                let prefix = match order {
                    0 => String::new(),
                    1 => "delta_".to_owned(),
                    _ => format!("delta{order}_"),
                };
                (0..base).map(move |i| format!("{prefix}{name}_{i}"))
            })
            .collect()
    }
}
