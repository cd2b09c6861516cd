//! On the real corpora exactly their known defects are found, from the sound alone.

mod corpus_support;

use corpus_support::{quiet, shared_data};
use undersong_trainer::corpus::{inspect, load};

#[test]
fn exactly_the_known_defects_of_the_shared_corpora_are_left_out() {
    let Some(data) = shared_data("exactly_the_known_defects_of_the_shared_corpora_are_left_out")
    else {
        return;
    };
    let mut corpus = load(Some(&data.join("ravdess")), Some(&data.join("cremad"))).unwrap();
    assert_eq!(corpus.clips.len(), 7412);
    assert_eq!(corpus.left_out, []);
    assert!(corpus.clips.iter().all(|clip| clip.sex.is_some()));
    assert_eq!(
        corpus
            .clips
            .iter()
            .filter(|clip| clip.votes.is_some())
            .count(),
        6212
    );
    inspect(&mut corpus, 0, &mut quiet()).unwrap();
    println!("{}", corpus.report());
    let mut left_out: Vec<(String, bool)> = corpus
        .left_out
        .iter()
        .map(|file| {
            let name = file
                .path
                .file_stem()
                .unwrap()
                .to_string_lossy()
                .into_owned();
            (name, file.reason == "silent")
        })
        .collect();
    left_out.sort();
    let expected = [
        ("03-01-03-01-02-02-07", false),
        ("1006_TIE_HAP_XX", false),
        ("1006_TIE_NEU_XX", false),
        ("1013_WSI_DIS_XX", false),
        ("1013_WSI_SAD_XX", false),
        ("1017_IWW_ANG_XX", false),
        ("1017_IWW_FEA_XX", false),
        ("1076_MTI_SAD_XX", true),
    ];
    assert_eq!(
        left_out,
        expected.map(|(name, silent)| (name.to_owned(), silent))
    );
    assert_eq!(corpus.clips.len(), 7404);
}
