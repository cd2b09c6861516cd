//! Pictures of the editor with a real take's scores, at the sizes that a user sees, checked in shape: they are not blank, what must be
//! seen is there in its colour, and no text runs out of its place.
//!
//! The pictures lie in the build's `tmp/editor`; the README's are `small`, `medium` and `large`.

mod editor_support;

use editor_support::{Scene, view, window};
use egui::{Color32, Rect, Vec2, pos2, vec2};
use egui_kittest::kittest::Queryable;
use undersong_plugin::editor::{LEAST_SIZE, MOST_SIZE, Tab, View};

const MEDIUM: Vec2 = vec2(900.0, 600.0);
const TABS: [Tab; 5] = [Tab::Listen, Tab::Midi, Tab::Send, Tab::Model, Tab::About];

fn whole(size: Vec2) -> Rect {
    Rect::from_min_size(pos2(0.0, 0.0), size)
}

fn colour_of(view: &View, index: usize) -> Color32 {
    let [red, green, blue] = view.emotions[index].colour;
    Color32::from_rgb(red, green, blue)
}

#[test]
fn three_sizes_show_every_emotion_and_the_timeline() {
    for (name, size, scale, open) in [
        ("small", LEAST_SIZE, 2.0, None),
        ("medium", MEDIUM, 2.0, None),
        ("large", vec2(1280.0, 800.0), 1.5, Some(Tab::Midi)),
        ("largest", MOST_SIZE, 1.0, None),
    ] {
        let view = view(Scene::Speaking);
        let shown = window(view.clone(), open, size, scale);
        let picture = shown.picture();
        picture.save(name);
        let ground = picture.at(pos2(2.0, size.y - 2.0));
        assert!(
            picture.share(whole(size), ground) < 0.95,
            "{name} is nearly blank"
        );
        let timeline = shown
            .harness
            .get_by_label_contains("Last 30 seconds:")
            .rect();
        let (leading, emotion, score) = view.leading().expect("a voice was heard");
        for (index, emotion) in view.emotions.iter().enumerate() {
            let bar = shown
                .harness
                .get_by_label_contains(&format!("{} ", emotion.name))
                .rect();
            let score = view
                .reading
                .as_ref()
                .map_or(0.0, |reading| reading.scores[index]);
            // A bar is as long as its score: of a high one much is seen, of a low one next to nothing.
            let seen = picture.share(bar, colour_of(&view, index));
            assert!(
                seen <= score + 0.02,
                "{name}: {} {score} seen {seen}",
                emotion.name
            );
            assert!(
                seen >= score * 0.12 - 0.01,
                "{name}: {} {score} seen {seen}",
                emotion.name
            );
        }
        let in_timeline = picture.share(timeline, colour_of(&view, leading));
        assert!(
            in_timeline > 0.01,
            "{name}: {} {score} is not in the timeline",
            emotion.name
        );
    }
}

#[test]
fn every_state_has_a_picture_of_its_own() {
    let mut before: Vec<Vec<Color32>> = Vec::new();
    for scene in Scene::ALL {
        let shown = window(view(scene), None, MEDIUM, 1.0);
        let picture = shown.picture();
        picture.save(&format!("{scene:?}").to_lowercase());
        let points = (0..60)
            .flat_map(|y| (0..90).map(move |x| pos2(x as f32 * 10.0 + 5.0, y as f32 * 10.0 + 5.0)))
            .map(|point| picture.at(point))
            .collect::<Vec<_>>();
        assert!(
            !before.contains(&points),
            "{scene:?} looks like another state"
        );
        before.push(points);
    }
}

#[test]
fn silence_is_a_gap_and_unsure_is_hatched() {
    let silent = window(view(Scene::Silent), None, MEDIUM, 1.0);
    let plot = silent
        .harness
        .get_by_label_contains("Last 30 seconds:")
        .rect();
    let picture = silent.picture();
    let last_seconds = Rect::from_min_max(
        pos2(plot.right() - plot.width() * 3.0 / 30.0, plot.top() + 2.0),
        pos2(plot.right() - 2.0, plot.bottom() - 4.0),
    );
    let ground = picture.at(last_seconds.center());
    assert!(
        picture.share(last_seconds, ground) > 0.99,
        "silence is not a gap"
    );

    // Where the model is unsure, a row of pixels goes up and down in brightness with the hatching; elsewhere a band is plain.
    let changes = |scene: Scene| {
        let picture = window(view(scene), None, MEDIUM, 1.0).picture();
        let y = plot.center().y;
        let row = (0..)
            .map(|x| plot.right() - plot.width() * 0.7 / 30.0 + x as f32)
            .take_while(|x| *x < plot.right())
            .map(|x| picture.at(pos2(x, y)).intensity())
            .collect::<Vec<_>>();
        row.windows(2)
            .filter(|pair| (pair[0] - pair[1]).abs() > 0.04)
            .count()
    };
    let (unsure, sure) = (changes(Scene::Unsure), changes(Scene::Speaking));
    assert!(
        unsure >= 5 && sure < 2,
        "unsure is not hatched: {unsure}, {sure}"
    );
}

#[test]
fn every_page_of_the_settings_has_a_picture() {
    for tab in TABS {
        for (name, size) in [("small", LEAST_SIZE), ("medium", MEDIUM)] {
            let shown = window(view(Scene::Speaking), Some(tab), size, 1.5);
            shown
                .picture()
                .save(&format!("settings-{tab:?}-{name}").to_lowercase());
        }
    }
}

/// Texts that may be shortened where it is narrow: each is there in full under the pointer and for a screen reader.
fn may_be_shortened(text: &str, view: &View) -> bool {
    text == view.model.name
        || text == view.engine.name
        || view
            .problems
            .iter()
            .any(|problem| text.starts_with(&problem.what) || text == problem.remedy)
}

#[test]
fn no_text_runs_out_of_its_place_or_over_another() {
    let sizes = [
        LEAST_SIZE,
        vec2(700.0, 380.0),
        vec2(560.0, 640.0),
        MEDIUM,
        vec2(1100.0, 640.0),
        MOST_SIZE,
    ];
    for scene in Scene::ALL {
        for open in [None].into_iter().chain(TABS.map(Some)) {
            for size in sizes {
                for scale in [1.0, 2.0] {
                    let view = view(scene);
                    let shown = window(view.clone(), open, size, scale);
                    let place = format!("{scene:?} {open:?} {size:?} at {scale}");
                    check_texts(&shown.lines(), size, &view, &place);
                }
            }
        }
    }
}

fn check_texts(lines: &[editor_support::Line], size: Vec2, view: &View, place: &str) {
    let seen = lines
        .iter()
        .filter(|line| line.clip.intersects(line.rect) && !line.text.trim().is_empty())
        .collect::<Vec<_>>();
    assert!(seen.len() > 8, "{place}: only {} texts", seen.len());
    for line in &seen {
        let within = line.clip.intersect(whole(size)).expand(1.0);
        assert!(
            within.x_range().contains(line.rect.left())
                && within.x_range().contains(line.rect.right()),
            "{place}: {line:?} runs out of its place"
        );
        // Pages scroll up and down; nothing else is cut.
        let scrolls = line.clip.height() < size.y - 1.0;
        assert!(
            scrolls || within.contains_rect(line.rect),
            "{place}: {line:?} is cut"
        );
        assert!(
            !line.shortened || may_be_shortened(&line.text, view),
            "{place}: {line:?} is shortened"
        );
    }
    for (index, line) in seen.iter().enumerate() {
        for other in seen.iter().skip(index + 1) {
            let both = line.rect.intersect(line.clip).shrink(1.5);
            let over = both.intersect(other.rect.intersect(other.clip).shrink(1.5));
            assert!(
                !over.is_positive(),
                "{place}: {:?} stands on {:?}",
                line.text,
                other.text
            );
        }
    }
}
