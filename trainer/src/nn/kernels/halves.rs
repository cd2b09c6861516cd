//! Numbers as bfloat16, laid out as AMX's tiles read them.

use super::super::matmul::Matrix;

/// Products that a tile's row holds: 16 pairs.
pub(in crate::nn) const TILE_PRODUCTS: usize = 32;
/// Columns of a tile of sums.
pub(in crate::nn) const TILE_COLUMNS: usize = 16;

/// The nearest bfloat16, ties to the even one.
#[inline(always)]
fn half(value: f32) -> u16 {
    let bits = value.to_bits();
    (bits.wrapping_add(0x7fff + ((bits >> 16) & 1)) >> 16) as u16
}

/// Two halves as one number: the first in the lower bits.
#[inline(always)]
fn pair(first: f32, second: f32) -> u32 {
    u32::from(half(first)) | u32::from(half(second)) << 16
}

dispatch! {
    /// `into[i] = from[i]`, rounded; both are equally long.
    convert = convert_body(from: &[f32], into: &mut [u16])
}

#[inline(always)]
fn convert_body<const FMA: bool>(from: &[f32], into: &mut [u16]) {
    for (into, &from) in into.iter_mut().zip(from) {
        *into = half(from);
    }
}

dispatch! {
    /// Turns rows of `width` numbers into columns: `into[c · length + r] = from[r · width + c]` for `c` below `columns` (a multiple of 16), 0 beyond
    /// the last number of `from`.
    turn = turn_body(from: &[f32], width: usize, columns: usize, length: usize, into: &mut [u16])
}

#[inline(always)]
fn turn_body<const FMA: bool>(
    from: &[f32],
    width: usize,
    columns: usize,
    length: usize,
    into: &mut [u16],
) {
    for first_row in (0..length).step_by(16) {
        let rows = 16.min(length - first_row);
        for column in (0..columns).step_by(16) {
            let mut block = [[0_u16; 16]; 16];
            for (row, block) in block.iter_mut().enumerate().take(rows) {
                let at = (first_row + row) * width + column;
                let Some(values) = from.get(at..(at + 16).min(from.len())) else {
                    continue;
                };
                for (block, &value) in block.iter_mut().zip(values) {
                    *block = half(value);
                }
            }
            for place in 0..16 {
                let at = (column + place) * length + first_row;
                for (into, block) in into[at..at + rows].iter_mut().zip(&block) {
                    *into = block[place];
                }
            }
        }
    }
}

dispatch! {
    /// The right side of a product, `[k, n]` with `n` a multiple of 32, as tiles of pairs: for each 32 columns, for each 32 products, two tiles of 16
    /// rows (pairs of products) of 16 columns; zeros beyond `k`.
    pairs = pairs_body(from: Matrix<'_>, k: usize, n: usize, into: &mut [u32])
}

#[inline(always)]
fn pairs_body<const FMA: bool>(from: Matrix<'_>, k: usize, n: usize, into: &mut [u32]) {
    let blocks = k.div_ceil(TILE_PRODUCTS);
    let tiles = into.chunks_exact_mut(TILE_COLUMNS * TILE_COLUMNS);
    for (number, tile) in tiles.enumerate() {
        let (side, block) = (number % 2, number / 2 % blocks);
        let column = (number / 2 / blocks * 2 + side) * TILE_COLUMNS;
        debug_assert!(column < n);
        let first = block * TILE_PRODUCTS;
        for (at, row) in tile.chunks_exact_mut(TILE_COLUMNS).enumerate() {
            let (one, two) = (first + 2 * at, first + 2 * at + 1);
            if from.column_stride == 1 {
                let line = |product: usize| {
                    let start = product * from.row_stride + column;
                    let mut line = [0.0; TILE_COLUMNS];
                    if product < k {
                        line.copy_from_slice(&from.data[start..start + TILE_COLUMNS]);
                    }
                    line
                };
                let (one, two) = (line(one), line(two));
                for (row, (&one, &two)) in row.iter_mut().zip(one.iter().zip(&two)) {
                    *row = pair(one, two);
                }
            } else {
                let value = |product: usize, place: usize| match product < k {
                    true => {
                        let at = product * from.row_stride + (column + place) * from.column_stride;
                        from.data[at]
                    }
                    false => 0.0,
                };
                for (place, row) in row.iter_mut().enumerate() {
                    *row = pair(value(one, place), value(two, place));
                }
            }
        }
    }
}
