//! The files that tell a host what a bundle is, before it loads it.

use crate::hosts::Vst3Module;
use crate::layout::NAME;
use serde_json::{Value, json};

/// A Mac's `Info.plist`.
pub(crate) fn info_plist(identifier: &str, version: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>CFBundleDevelopmentRegion</key>
  <string>en</string>
  <key>CFBundleExecutable</key>
  <string>{NAME}</string>
  <key>CFBundleIdentifier</key>
  <string>{identifier}</string>
  <key>CFBundleInfoDictionaryVersion</key>
  <string>6.0</string>
  <key>CFBundleName</key>
  <string>{NAME}</string>
  <key>CFBundlePackageType</key>
  <string>BNDL</string>
  <key>CFBundleShortVersionString</key>
  <string>{version}</string>
  <key>CFBundleSignature</key>
  <string>????</string>
  <key>CFBundleVersion</key>
  <string>{version}</string>
  <key>NSHighResolutionCapable</key>
  <true/>
</dict>
</plist>
"#
    )
}

/// A Mac's `PkgInfo`.
pub(crate) const PKG_INFO: &[u8] = b"BNDL????";

/// VST3's `moduleinfo.json`: what the factory would say, so that a host need not load the library to list it.
pub(crate) fn module_info(module: &Vst3Module) -> Value {
    let factory = module.factory_info();
    let flag = |bit: i32| factory.flags & bit != 0;
    let descriptors = module.descriptors();
    let classes: Vec<Value> = descriptors
        .iter()
        .map(|class| {
            json!({
                "CID": class.id,
                "Category": "Audio Module Class",
                "Name": class.name,
                "Vendor": class.vendor,
                "Version": class.version,
                "SDKVersion": module.sdk_version(),
                "Sub Categories": class.features,
                "Class Flags": 0,
                "Cardinality": i32::MAX,
                "Snapshots": [],
            })
        })
        .collect();
    json!({
        "Name": NAME,
        "Version": descriptors.first().map_or("", |class| class.version.as_str()),
        "Factory Info": {
            "Vendor": factory.vendor,
            "URL": factory.url,
            "E-Mail": factory.email,
            "Flags": {
                "Unicode": flag(16),
                "Classes Discardable": flag(1),
                "Component Non Discardable": flag(8),
            },
        },
        "Compatibility": [],
        "Classes": classes,
    })
}
