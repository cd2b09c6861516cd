//! Products in bfloat16 with sums of 32 bits, on the tiles of Intel's AMX: several times as many a second as with AVX-512.
//!
//! Training in bfloat16 loses nothing that training would notice (Kalamkar et al., "A Study of BFLOAT16 for Deep Learning Training", 2019). A product
//! that does not fill tiles, and every product on a processor without AMX, is left to the caller.

use super::matmul::{Matrix, Output};

/// `out[m, n] = a · b` or added to it, if this processor and these sizes allow it; `false`: nothing was done. All matrices lie within their slices.
#[cfg(not(all(target_arch = "x86_64", target_os = "linux")))]
pub(super) fn product(
    _: &mut [f32],
    _: usize,
    _: (usize, usize, usize),
    _: Matrix<'_>,
    _: Matrix<'_>,
    _: Output,
) -> bool {
    false
}

#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
pub(super) use amx::product;

#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
mod amx {
    use std::arch::asm;
    use std::arch::x86_64::__cpuid_count;
    use std::cell::RefCell;
    use std::sync::OnceLock;

    use super::{Matrix, Output};
    use crate::nn::kernels::{TILE_COLUMNS, TILE_PRODUCTS, convert, pairs, turn};

    /// Rows and columns of sums that are worked on together: four tiles.
    const BLOCK: usize = 32;
    /// Products for each number that has to be converted, below which tiles gain little: a step of the shipped network takes 25.5 ms at this, 24.3 at
    /// 4, 33.4 at 100 (`benches/train_step.rs`). Networks were trained with this number: another one rounds other products.
    const LEAST_PRODUCTS: usize = 24;

    thread_local! {
        static SCRATCH: RefCell<Scratch> = RefCell::default();
    }

    #[derive(Default)]
    struct Scratch {
        left: Vec<u16>,
        right: Vec<u32>,
    }

    /// A left side in bfloat16: where its rows lie.
    struct Left {
        /// Numbers from one row to the next.
        stride: usize,
        /// Rows until the next place begins, one number on: for overlapping rows that were turned.
        wrap: usize,
    }

    impl Left {
        fn start(&self, row: usize) -> usize {
            row % self.wrap * self.stride + row / self.wrap
        }
    }

    /// See [the module](super): `false` if nothing was done.
    pub(in crate::nn) fn product(
        out: &mut [f32],
        out_stride: usize,
        (m, n, k): (usize, usize, usize),
        a: Matrix<'_>,
        b: Matrix<'_>,
        output: Output,
    ) -> bool {
        let turned = a.column_stride != 1;
        let worth = m * n * k >= LEAST_PRODUCTS * (m * k + k * n);
        if !worth
            || m < BLOCK
            || !n.is_multiple_of(BLOCK)
            || (turned && !a.column_stride.is_multiple_of(16))
        {
            return false;
        }
        if (turned && a.row_stride != 1) || (b.column_stride != 1 && b.row_stride != 1) {
            return false;
        }
        if !available() {
            return false;
        }
        SCRATCH.with_borrow_mut(|scratch| {
            let left = if turned {
                turn_left(a, m, k, &mut scratch.left)
            } else {
                convert_left(a, m, k, &mut scratch.left)
            };
            let blocks = k.div_ceil(TILE_PRODUCTS);
            scratch.right.resize(blocks * TILE_PRODUCTS / 2 * n, 0);
            pairs(b, k, n, &mut scratch.right);
            multiply(
                out,
                out_stride,
                (m, n, blocks),
                &scratch.left,
                &left,
                &scratch.right,
                output,
            );
        });
        true
    }

    /// Rows as they lie, with room behind them for the last tile's.
    fn convert_left(a: Matrix<'_>, m: usize, k: usize, into: &mut Vec<u16>) -> Left {
        let stride = a.row_stride;
        let used = (m - 1) * stride + k;
        let products = k.next_multiple_of(TILE_PRODUCTS);
        into.clear();
        into.resize((m.next_multiple_of(16) - 1) * stride + products, 0);
        convert(&a.data[..used], &mut into[..used]);
        Left {
            stride,
            wrap: usize::MAX,
        }
    }

    /// Columns as rows. Where more rows are asked for than the matrix's lines are long, its lines overlap: row `r` is then row `r mod s`, one place on.
    fn turn_left(a: Matrix<'_>, m: usize, k: usize, into: &mut Vec<u16>) -> Left {
        let width = a.column_stride;
        let columns = width.min(m.next_multiple_of(16));
        let length = k.next_multiple_of(TILE_PRODUCTS) + (m - 1) / width;
        let used = (k - 1) * width + m;
        into.resize(columns * length, 0);
        turn(&a.data[..used], width, columns, length, into);
        Left {
            stride: length,
            wrap: width,
        }
    }

    fn multiply(
        out: &mut [f32],
        out_stride: usize,
        (m, n, blocks): (usize, usize, usize),
        halves: &[u16],
        left: &Left,
        right: &[u32],
        output: Output,
    ) {
        let panel = blocks * 2 * TILE_COLUMNS * TILE_COLUMNS;
        assert!(
            right.len() == n / BLOCK * panel && (m - 1) * out_stride + n <= out.len(),
            "sizes of tiles"
        );
        let last = blocks * TILE_PRODUCTS;
        let tile = |row: usize| {
            let start = left.start(row);
            assert!(
                start + 15 * left.stride + last <= halves.len(),
                "a left tile"
            );
            halves[start..].as_ptr()
        };
        let mut edge = [0.0_f32; BLOCK * BLOCK];
        let configuration = Configuration::default();
        #[allow(unsafe_code)]
        // SAFETY: `available` has asked the system for the tiles; they are given back below, and nothing between unwinds.
        unsafe {
            asm!("ldtilecfg [{}]", in(reg) &raw const configuration, options(nostack, readonly));
        }
        for (number, panel) in right.chunks_exact(panel).enumerate() {
            let column = number * BLOCK;
            for row in (0..m).step_by(BLOCK) {
                let upper = tile(row);
                // Without a second half, the first stands in for it and what it gives is left out.
                let lower = if row + 16 < m { tile(row + 16) } else { upper };
                let whole = row + BLOCK <= m;
                let (sums, stride) = match whole {
                    true => (out[row * out_stride + column..].as_mut_ptr(), out_stride),
                    false => (edge.as_mut_ptr(), BLOCK),
                };
                #[allow(unsafe_code)]
                // SAFETY: both left tiles lie within `halves` (asserted by `tile`); the panel has `blocks` pairs of tiles (`chunks_exact`); the 32 × 32
                // sums lie within `out`, whose last row and column were asserted above, or are the edge's. The tiles are configured.
                unsafe {
                    block(
                        (upper, lower, left.stride),
                        panel.as_ptr(),
                        blocks,
                        (sums, stride),
                        whole && output == Output::Add,
                    );
                }
                if !whole {
                    for (line, sums) in edge.chunks_exact(BLOCK).take(m - row).enumerate() {
                        let at = (row + line) * out_stride + column;
                        for (out, &sum) in out[at..at + BLOCK].iter_mut().zip(sums) {
                            *out = if output == Output::Add {
                                *out + sum
                            } else {
                                sum
                            };
                        }
                    }
                }
            }
        }
        #[allow(unsafe_code)]
        // SAFETY: ends what `ldtilecfg` began.
        unsafe {
            asm!("tilerelease", options(nomem, nostack));
        }
    }

    /// 32 × 32 sums of `blocks` · 32 products.
    ///
    /// # Safety
    /// The tiles are configured as [`Configuration`] has it. `left` are 16 rows each of `blocks` · 32 halves, so many apart; `right` are 2 · `blocks` tiles;
    /// `sums` are 32 rows of 32 numbers, so many apart, which nothing else uses.
    #[allow(unsafe_code)]
    #[inline]
    unsafe fn block(
        (upper, lower, left_stride): (*const u16, *const u16, usize),
        right: *const u32,
        blocks: usize,
        (sums, sums_stride): (*mut f32, usize),
        add: bool,
    ) {
        let below = sums.wrapping_add(16 * sums_stride);
        // SAFETY: the caller's promise; every tile register is named as used.
        unsafe {
            if add {
                asm!(
                    "tileloadd tmm0, [{sums} + {stride}]",
                    "tileloadd tmm1, [{sums} + {stride} + 64]",
                    "tileloadd tmm2, [{below} + {stride}]",
                    "tileloadd tmm3, [{below} + {stride} + 64]",
                    sums = in(reg) sums,
                    below = in(reg) below,
                    stride = in(reg) 4 * sums_stride,
                    out("tmm0") _, out("tmm1") _, out("tmm2") _, out("tmm3") _,
                    options(nostack, readonly),
                );
            } else {
                asm!(
                    "tilezero tmm0", "tilezero tmm1", "tilezero tmm2", "tilezero tmm3",
                    out("tmm0") _, out("tmm1") _, out("tmm2") _, out("tmm3") _,
                    options(nostack, nomem),
                );
            }
            asm!(
                "2:",
                "tileloadd tmm4, [{upper} + {left_stride}]",
                "tileloadd tmm6, [{right} + {right_stride}]",
                "tileloadd tmm7, [{right} + {right_stride} + 1024]",
                "tdpbf16ps tmm0, tmm4, tmm6",
                "tileloadd tmm5, [{lower} + {left_stride}]",
                "tdpbf16ps tmm1, tmm4, tmm7",
                "tdpbf16ps tmm2, tmm5, tmm6",
                "tdpbf16ps tmm3, tmm5, tmm7",
                "add {upper}, 64",
                "add {lower}, 64",
                "add {right}, 2048",
                "dec {blocks}",
                "jnz 2b",
                "tilestored [{sums} + {stride}], tmm0",
                "tilestored [{sums} + {stride} + 64], tmm1",
                "tilestored [{below} + {stride}], tmm2",
                "tilestored [{below} + {stride} + 64], tmm3",
                upper = inout(reg) upper => _,
                lower = inout(reg) lower => _,
                left_stride = in(reg) 2 * left_stride,
                right = inout(reg) right => _,
                right_stride = in(reg) 64_usize,
                blocks = inout(reg) blocks => _,
                sums = in(reg) sums,
                below = in(reg) below,
                stride = in(reg) 4 * sums_stride,
                out("tmm0") _, out("tmm1") _, out("tmm2") _, out("tmm3") _,
                out("tmm4") _, out("tmm5") _, out("tmm6") _, out("tmm7") _,
                options(nostack),
            );
        }
    }

    /// What `ldtilecfg` reads: eight tiles of 16 rows of 64 bytes.
    #[repr(C, align(64))]
    struct Configuration {
        palette: u8,
        start_row: u8,
        reserved: [u8; 14],
        row_bytes: [u16; 16],
        rows: [u8; 16],
    }

    impl Default for Configuration {
        fn default() -> Self {
            let mut own = Self {
                palette: 1,
                start_row: 0,
                reserved: [0; 14],
                row_bytes: [0; 16],
                rows: [0; 16],
            };
            own.row_bytes[..8].fill(64);
            own.rows[..8].fill(16);
            own
        }
    }

    /// Whether the processor has tiles for bfloat16 and the system lets this program use them.
    pub(super) fn available() -> bool {
        static AVAILABLE: OnceLock<bool> = OnceLock::new();
        *AVAILABLE.get_or_init(|| {
            // CPUID leaf 7: EDX bit 22 is AMX-BF16, bit 24 AMX-TILE (Intel SDM, volume 2, CPUID).
            let features = __cpuid_count(7, 0).edx;
            let tiles = features >> 22 & 1 == 1 && features >> 24 & 1 == 1;
            // Linux hands out the tiles' state on demand: arch_prctl(ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA).
            #[allow(unsafe_code)]
            // SAFETY: two numbers, no memory; the kernel answers with an error where it does not know the call.
            let granted = tiles && unsafe { libc::syscall(libc::SYS_arch_prctl, 0x1023, 18) } == 0;
            granted && is_x86_feature_detected!("avx512bw")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::matmul::{Precision, at, matmul};

    fn numbers(count: usize, seed: u32) -> Vec<f32> {
        let mut state = seed;
        (0..count)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 8) as f32 / (1 << 23) as f32 - 1.0
            })
            .collect()
    }

    /// Largest difference from the product in f32, in parts of the largest sum; and whether tiles were used.
    fn difference(
        (m, n, k): (usize, usize, usize),
        a: Matrix<'_>,
        b: Matrix<'_>,
        output: Output,
    ) -> (f32, bool) {
        let stride = n + 32;
        let start = numbers(m * stride, 9);
        let (mut exact, mut halves) = (start.clone(), start.clone());
        let mut direct = start.clone();
        matmul(&mut exact, stride, (m, n, k), a, b, output);
        at(Precision::Bf16, || {
            matmul(&mut halves, stride, (m, n, k), a, b, output);
        });
        let used = product(&mut direct, stride, (m, n, k), a, b, output);
        let largest = exact.iter().fold(0.0_f32, |most, x| most.max(x.abs()));
        let mut worst = 0.0_f32;
        for row in 0..m {
            for column in 0..stride {
                let at = row * stride + column;
                let off = (exact[at] - halves[at]).abs();
                // Beside the product, nothing is touched.
                assert!(column < n || off == 0.0);
                worst = worst.max(off);
            }
        }
        (worst / largest, used)
    }

    #[test]
    fn a_product_in_halves_is_the_product_but_for_rounding() {
        let (left, right) = (numbers(200_000, 1), numbers(200_000, 2));
        let mut tiled = 0;
        for (m, n, k) in [(480, 512, 640), (66, 64, 96), (1320, 64, 96), (33, 32, 100)] {
            for output in [Output::Set, Output::Add] {
                let step = 32;
                for (a, wide) in [
                    (Matrix::rows(&left, k), m * k),
                    (Matrix::strided(&left, step), (m - 1) * step + k),
                    (
                        Matrix::rows(&left, m.next_multiple_of(16)).transposed(),
                        k * m.next_multiple_of(16),
                    ),
                    (Matrix::strided(&left, step).transposed(), k * step + m),
                ] {
                    for b in [
                        Matrix::rows(&right, n),
                        Matrix::rows(&right, k).transposed(),
                    ] {
                        if wide > left.len() || n * k > right.len() {
                            continue;
                        }
                        let (off, used) = difference((m, n, k), a, b, output);
                        assert!(off < 0.01, "{m} {n} {k}: {off}");
                        // What halves leave of 32 bits is seen, where they were used.
                        assert_eq!(used, off > 1e-5, "{m} {n} {k}: {off}");
                        tiled += usize::from(used);
                    }
                }
            }
        }
        #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
        assert_eq!(tiled > 20, amx::available(), "{tiled} products on tiles");
    }
}
