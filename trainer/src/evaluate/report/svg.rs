//! A plot with two linear axes, drawn as SVG: the little of a chart library that a report needs.

use super::format::escape;

/// A drawing area with axes. Sizes are SVG units; colours and strokes come from the page's style sheet by class.
pub(super) struct Plot {
    width: f64,
    height: f64,
    x: (f64, f64),
    y: (f64, f64),
    body: String,
}

const LEFT: f64 = 64.0;
const RIGHT: f64 = 24.0;
const TOP: f64 = 14.0;
const BOTTOM: f64 = 44.0;

impl Plot {
    /// A plot of this size over these ranges; an empty or broken range is widened so that there is something to draw on.
    pub(super) fn new(width: f64, height: f64, x: (f64, f64), y: (f64, f64)) -> Self {
        let sound = |(low, high): (f64, f64)| match (
            low.is_finite(),
            high.is_finite() && high - low > 1e-9,
        ) {
            (true, true) => (low, high),
            (true, false) => (low - 0.5, low + 0.5),
            (false, _) => (0.0, 1.0),
        };
        Self {
            width,
            height,
            x: sound(x),
            y: sound(y),
            body: String::new(),
        }
    }

    fn at_x(&self, x: f64) -> f64 {
        LEFT + (x - self.x.0) / (self.x.1 - self.x.0) * (self.width - LEFT - RIGHT)
    }

    fn at_y(&self, y: f64) -> f64 {
        self.height - BOTTOM - (y - self.y.0) / (self.y.1 - self.y.0) * (self.height - TOP - BOTTOM)
    }

    /// Grid lines and numbers at round values, and what the axes are. A number written as nothing leaves its place unmarked.
    pub(super) fn axes(&mut self, x: (&str, fn(f64) -> String), y: (&str, fn(f64) -> String)) {
        let ((x_name, x_number), (y_name, y_number)) = (x, y);
        let (left, right) = (LEFT, self.width - RIGHT);
        let (top, bottom) = (TOP, self.height - BOTTOM);
        for tick in ticks(self.y, 6.0) {
            let y = self.at_y(tick);
            self.body.push_str(&format!(
                "<line class=\"grid\" x1=\"{left:.1}\" y1=\"{y:.1}\" x2=\"{right:.1}\" y2=\"{y:.1}\"/>\
                 <text class=\"tick\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>\n",
                left - 7.0, y + 4.0, escape(&y_number(tick)),
            ));
        }
        self.x_ticks(x_number);
        self.body.push_str(&format!(
            "<line class=\"axis\" x1=\"{left:.1}\" y1=\"{bottom:.1}\" x2=\"{right:.1}\" y2=\"{bottom:.1}\"/>\
             <text class=\"axis-name\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>\
             <text class=\"axis-name\" transform=\"translate(13 {:.1}) rotate(-90)\" text-anchor=\"middle\">{}</text>\n",
            (left + right) / 2.0, self.height - 8.0, escape(x_name), (top + bottom) / 2.0, escape(y_name),
        ));
    }

    fn x_ticks(&mut self, number: fn(f64) -> String) {
        let bottom = self.height - BOTTOM;
        for tick in ticks(self.x, 6.0) {
            let text = number(tick);
            if text.is_empty() {
                continue;
            }
            let x = self.at_x(tick);
            self.body.push_str(&format!(
                "<line class=\"axis\" x1=\"{x:.1}\" y1=\"{bottom:.1}\" x2=\"{x:.1}\" y2=\"{:.1}\"/>\
                 <text class=\"tick\" x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>\n",
                bottom + 4.0,
                bottom + 17.0,
                escape(&text),
            ));
        }
    }

    /// A line through points in data units; a single point becomes a dot. Points that are not finite are skipped.
    pub(super) fn line(&mut self, class: &str, points: &[(f64, f64)]) {
        let finite: Vec<&(f64, f64)> = points
            .iter()
            .filter(|(x, y)| x.is_finite() && y.is_finite())
            .collect();
        if let [(x, y)] = finite.as_slice() {
            return self.dot(class, (*x, *y), "");
        }
        let path: Vec<String> = finite
            .iter()
            .map(|(x, y)| format!("{:.1},{:.1}", self.at_x(*x), self.at_y(*y)))
            .collect();
        self.body.push_str(&format!(
            "<polyline class=\"curve {class}\" points=\"{}\"/>\n",
            path.join(" ")
        ));
    }

    /// A dot in data units, with a text to be read on hovering.
    pub(super) fn dot(&mut self, class: &str, (x, y): (f64, f64), note: &str) {
        self.body.push_str(&format!(
            "<circle class=\"dot {class}\" cx=\"{:.1}\" cy=\"{:.1}\" r=\"4\">{}</circle>\n",
            self.at_x(x),
            self.at_y(y),
            title(note),
        ));
    }

    /// A rectangle between two corners in data units, with a text to be read on hovering.
    pub(super) fn bar(&mut self, class: &str, from: (f64, f64), to: (f64, f64), note: &str) {
        let (left, right) = (self.at_x(from.0.min(to.0)), self.at_x(from.0.max(to.0)));
        let (top, bottom) = (self.at_y(from.1.max(to.1)), self.at_y(from.1.min(to.1)));
        self.body.push_str(&format!(
            "<rect class=\"{class}\" x=\"{:.1}\" y=\"{top:.1}\" width=\"{:.1}\" height=\"{:.1}\">{}</rect>\n",
            left + 0.75, (right - left - 1.5).max(0.5), bottom - top, title(note),
        ));
    }

    /// A text at a place in data units.
    pub(super) fn text(
        &mut self,
        class: &str,
        (x, y): (f64, f64),
        shift: (f64, f64),
        anchor: &str,
        text: &str,
    ) {
        self.body.push_str(&format!(
            "<text class=\"{class}\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"{anchor}\">{}</text>\n",
            self.at_x(x) + shift.0,
            self.at_y(y) + shift.1,
            escape(text),
        ));
    }

    /// The drawing, described in words for who cannot see it.
    pub(super) fn finish(self, description: &str) -> String {
        document(self.width, self.height, description, &self.body)
    }
}

/// An SVG element of this size with a description for who cannot see it.
pub(crate) fn document(width: f64, height: f64, description: &str, body: &str) -> String {
    format!(
        "<svg viewBox=\"0 0 {width:.0} {height:.0}\" role=\"img\" aria-label=\"{}\">\n{body}</svg>\n",
        escape(description),
    )
}

fn title(note: &str) -> String {
    if note.is_empty() {
        String::new()
    } else {
        format!("<title>{}</title>", escape(note))
    }
}

/// Round values in a range, about as many as asked for: steps of 1, 2 or 5 times a power of ten.
fn ticks((low, high): (f64, f64), about: f64) -> Vec<f64> {
    let rough = (high - low) / about;
    let power = 10.0_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|factor| factor * power)
        .find(|&step| step >= rough * 0.999)
        .unwrap_or(power * 10.0);
    let first = (low / step - 1e-6).ceil() as i64;
    let last = (high / step + 1e-6).floor() as i64;
    (first..=last).map(|index| index as f64 * step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_inside() {
        assert_eq!(
            ticks((0.0, 100.0), 5.0),
            [0.0, 20.0, 40.0, 60.0, 80.0, 100.0]
        );
        assert_eq!(ticks((1.0, 17.0), 6.0), [5.0, 10.0, 15.0]);
        assert_eq!(ticks((0.0, 2.3), 5.0), [0.0, 0.5, 1.0, 1.5, 2.0]);
    }

    #[test]
    fn a_plot_of_nothing_is_still_finite() {
        let mut plot = Plot::new(400.0, 300.0, (f64::NAN, f64::NAN), (1.0, 1.0));
        plot.axes(
            ("x", |value| value.to_string()),
            ("y", |value| value.to_string()),
        );
        plot.line("a", &[(1.0, f64::NAN)]);
        assert!(plot.finish("nothing").contains("<svg"));
        let mut plot = Plot::new(400.0, 300.0, (1.0, 1.0), (1.0, 1.0));
        plot.axes(
            ("x", |value| value.to_string()),
            ("y", |value| value.to_string()),
        );
        plot.line("a", &[(1.0, 1.0)]);
        assert!(!plot.finish("one").contains("NaN"));
    }
}
