//! Tools, and turns with their calls.

use super::content::image;
use super::*;

pub(super) static TOOLS: &[Feature] = &[
    Feature {
        name: "tools",
        note: NONE,
        add: |request| request.tools.push(tool("look", None)),
        probe: |request| {
            request.tools.first().map(|tool| match tool {
                Tool::Function {
                    name,
                    description,
                    parameters,
                    ..
                } => format!("{name} {description:?} {parameters:?}"),
                Tool::Other { kind, .. } => kind.clone(),
            })
        },
    },
    Feature {
        name: "tools with an enforced schema",
        note: "the tool without it",
        add: |request| request.tools.push(tool("look", Some(true))),
        probe: |request| {
            request.tools.first().and_then(|tool| match tool {
                // Not enforced is what every format does where nothing is said.
                Tool::Function { strict, .. } => {
                    (*strict == Some(true)).then(|| "enforced".to_owned())
                }
                Tool::Other { .. } => None,
            })
        },
    },
    Feature {
        name: "cache marker at a tool",
        note: NONE,
        add: |request| {
            let mut look = tool("look", None);
            if let Tool::Function { cache, .. } = &mut look {
                *cache = Some(raw(r#"{"type":"ephemeral"}"#));
            }
            request.tools.push(look);
        },
        probe: |request| {
            request.tools.first().and_then(|tool| match tool {
                Tool::Function { cache, .. } => cache.as_ref().map(|cache| cache.get().to_owned()),
                Tool::Other { .. } => None,
            })
        },
    },
    Feature {
        name: "tool choice: the model decides",
        note: NONE,
        add: |request| chosen(request, ToolChoice::Auto),
        probe: |request| {
            request
                .tool_choice
                .as_ref()
                .map(|choice| format!("{choice:?}"))
        },
    },
    Feature {
        name: "tool choice: none",
        note: NONE,
        add: |request| chosen(request, ToolChoice::None),
        probe: |request| {
            request
                .tool_choice
                .as_ref()
                .map(|choice| format!("{choice:?}"))
        },
    },
    Feature {
        name: "tool choice: at least one",
        note: NONE,
        add: |request| chosen(request, ToolChoice::Required),
        probe: |request| {
            request
                .tool_choice
                .as_ref()
                .map(|choice| format!("{choice:?}"))
        },
    },
    Feature {
        name: "tool choice: this one",
        note: "that one must be called, and no other is offered",
        add: |request| chosen(request, ToolChoice::Tool("look".to_owned())),
        probe: |request| {
            request
                .tool_choice
                .as_ref()
                .map(|choice| format!("{choice:?}"))
        },
    },
    Feature {
        name: "one tool call at a time",
        note: NONE,
        add: |request| {
            chosen(request, ToolChoice::Auto);
            request.parallel_tool_calls = Some(false);
        },
        probe: |request| {
            request
                .parallel_tool_calls
                .filter(|parallel| !parallel)
                .map(|parallel| parallel.to_string())
        },
    },
];

pub(super) static HISTORY: &[Feature] = &[
    Feature {
        name: "tool call, with its id and arguments",
        note: "without an id; results follow the order of their calls",
        add: |request| called(request, vec![text("found")], false),
        probe: |request| {
            seen(request, |part| match part {
                Part::ToolCall(call) => {
                    Some(format!("{} {} {}", call.id, call.name, call.arguments))
                }
                _ => None,
            })
        },
    },
    Feature {
        name: "tool result",
        note: NONE,
        add: |request| called(request, vec![text("found")], false),
        probe: |request| {
            result(request).map(|result| format!("{} {:?}", result.call_id, result.parts))
        },
    },
    Feature {
        name: "tool result that is an error",
        note: "a result like any other",
        add: |request| called(request, vec![text("broken")], true),
        probe: |request| {
            result(request)
                .filter(|result| result.is_error)
                .map(|_| String::new())
        },
    },
    Feature {
        name: "tool result with an image",
        note: "an image in a turn of the user behind the results",
        add: |request| {
            called(
                request,
                vec![
                    text("found"),
                    Part::Image(Image::Inline {
                        media_type: "image/png".to_owned(),
                        base64: "aGk=".to_owned(),
                        detail: None,
                    }),
                ],
                false,
            );
        },
        probe: |request| {
            let inside = result(request).and_then(|result| result.parts.iter().find_map(image));
            inside.or_else(|| seen(request, image).map(|image| format!("outside {image}")))
        },
    },
    Feature {
        name: "reasoning that nobody signed",
        note: NONE,
        add: |request| {
            history(
                request,
                vec![
                    Part::Reasoning(Thought::plain("because".to_owned())),
                    text("yes"),
                ],
            );
        },
        probe: |request| {
            seen(request, |part| match part {
                Part::Reasoning(thought) => Some(thought.text.clone()),
                _ => None,
            })
        },
    },
    Feature {
        name: "refusal in a turn of the assistant",
        note: "text",
        add: |request| history(request, vec![Part::Refusal("I cannot".to_owned())]),
        probe: |request| {
            seen(request, |part| match part {
                Part::Refusal(_) => Some(format!("{part:?}")),
                Part::Text(text) if text == "I cannot" => Some(text.clone()),
                _ => None,
            })
        },
    },
    Feature {
        name: "citation in a turn of the assistant",
        note: NONE,
        add: |request| {
            history(
                request,
                vec![
                    text("yes"),
                    Part::Citation(Citation {
                        url: Some("https://h/a".to_owned()),
                        title: Some("A".to_owned()),
                        range: Some((0, 3)),
                        ..Citation::default()
                    }),
                ],
            );
        },
        probe: |request| {
            seen(request, |part| {
                matches!(part, Part::Citation(_)).then(|| format!("{part:?}"))
            })
        },
    },
    Feature {
        name: "cache marker",
        note: NONE,
        add: |request| user(request).push(Part::CacheMark(raw(r#"{"type":"ephemeral"}"#))),
        probe: |request| {
            seen(request, |part| {
                matches!(part, Part::CacheMark(_)).then(String::new)
            })
        },
    },
];
