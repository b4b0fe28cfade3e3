//! Texts, media, and what was said before.

use super::*;

pub(super) static TEXTS: &[Feature] = &[
    Feature {
        name: "system text",
        note: NONE,
        add: |request| request.system.push(text("be brief")),
        probe: |request| {
            Some(format!("{:?}", request.system)).filter(|_| !request.system.is_empty())
        },
    },
    Feature {
        name: "system or developer text between turns",
        note: "a system text at the beginning",
        add: |request| {
            history(request, vec![text("yes")]);
            request
                .messages
                .insert(2, message(Role::System, vec![text("be brief now")]));
        },
        probe: |request| {
            let at = request
                .messages
                .iter()
                .position(|message| message.role == Role::System);
            let first = || (!request.system.is_empty()).then(|| format!("{:?}", request.system));
            at.map(|at| at.to_string()).or_else(first)
        },
    },
    Feature {
        name: "text",
        note: NONE,
        add: |request| user(request)[0] = text("good day"),
        probe: |request| {
            seen(request, |part| {
                matches!(part, Part::Text(text) if text == "good day").then(String::new)
            })
        },
    },
    Feature {
        name: "several texts in one turn",
        note: "one text",
        add: |request| user(request).push(text("second")),
        probe: |request| {
            seen(request, |part| {
                matches!(part, Part::Text(text) if text.contains("second"))
                    .then(|| format!("{part:?}"))
            })
        },
    },
    Feature {
        name: "name of a participant",
        note: NONE,
        add: |request| request.messages[0].name = Some("ada".to_owned()),
        probe: |request| request.messages[0].name.clone(),
    },
    Feature {
        name: "beginning of the answer (last turn of the assistant)",
        note: "a turn that is answered, not continued",
        add: |request| {
            request
                .messages
                .push(message(Role::Assistant, vec![text("It is")]));
        },
        probe: |request| {
            request
                .messages
                .last()
                .filter(|last| last.role == Role::Assistant)
                .map(|last| format!("{:?}", last.parts))
        },
    },
];

pub(super) fn image(part: &Part) -> Option<String> {
    match part {
        Part::Image(image) => Some(format!("{image:?}")),
        _ => None,
    }
}

pub(super) static MEDIA: &[Feature] = &[
    Feature {
        name: "image by URL",
        note: NONE,
        add: |request| {
            user(request).push(Part::Image(Image::Url {
                url: "https://h/a.png".to_owned(),
                detail: None,
            }));
        },
        probe: |request| seen(request, image),
    },
    Feature {
        name: "image inline",
        note: NONE,
        add: |request| {
            user(request).push(Part::Image(Image::Inline {
                media_type: "image/png".to_owned(),
                base64: "aGk=".to_owned(),
                detail: None,
            }));
        },
        probe: |request| seen(request, image),
    },
    Feature {
        name: "detail of an image",
        note: "the image without it",
        add: |request| {
            user(request).push(Part::Image(Image::Inline {
                media_type: "image/png".to_owned(),
                base64: "aGk=".to_owned(),
                detail: Some("low".to_owned()),
            }));
        },
        probe: |request| {
            seen(request, |part| match part {
                Part::Image(Image::Inline { detail, .. } | Image::Url { detail, .. }) => {
                    detail.clone()
                }
                _ => None,
            })
        },
    },
    Feature {
        name: "document as a file",
        note: NONE,
        add: |request| {
            user(request).push(Part::Document(Document {
                title: Some("a.pdf".to_owned()),
                content: DocumentContent::File {
                    media_type: "application/pdf".to_owned(),
                    base64: "JVBERi0=".to_owned(),
                },
            }));
        },
        probe: document,
    },
    Feature {
        name: "document as text",
        note: "text, or a file of it",
        add: |request| {
            user(request).push(Part::Document(Document {
                title: Some("a.txt".to_owned()),
                content: DocumentContent::Text("what it says".to_owned()),
            }));
        },
        probe: document,
    },
    Feature {
        name: "document by URL",
        note: NONE,
        add: |request| {
            user(request).push(Part::Document(Document {
                title: None,
                content: DocumentContent::Url("https://h/a.pdf".to_owned()),
            }));
        },
        probe: document,
    },
    Feature {
        name: "audio inline",
        note: NONE,
        add: |request| {
            user(request).push(Part::Audio {
                media_type: "audio/wav".to_owned(),
                base64: "aGk=".to_owned(),
            });
        },
        probe: |request| {
            seen(request, |part| {
                matches!(part, Part::Audio { .. }).then(|| format!("{part:?}"))
            })
        },
    },
    Feature {
        name: "video by URL",
        note: NONE,
        add: |request| user(request).push(Part::Video(Source::Url("https://h/a.mp4".to_owned()))),
        probe: |request| {
            seen(request, |part| {
                matches!(part, Part::Video(_)).then(|| format!("{part:?}"))
            })
        },
    },
];

fn document(request: &ChatRequest) -> Option<String> {
    seen(request, |part| match part {
        Part::Document(document) => Some(format!("{document:?}")),
        _ => None,
    })
}
