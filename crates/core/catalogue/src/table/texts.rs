//! Texts and pages. Made by `cargo xtask generate` from `crates/core/catalogue/data`.

use super::SourceRow;
use super::short::source;

#[rustfmt::skip]
pub(crate) static SOURCES: &[SourceRow] = &[
    source(9, 117, 2517, true), source(126, 62, 2517, true), source(188, 64, 2517, true),
    source(252, 55, 2517, false), source(307, 102, 2517, false), source(409, 66, 2517, true),
    source(475, 69, 2517, true), source(544, 56, 2517, true), source(600, 63, 2517, true),
    source(663, 65, 2517, true), source(1155, 155, 2517, true), source(1310, 163, 2517, true),
    source(1473, 136, 2517, true), source(1609, 146, 2517, true), source(2610, 131, 2517, true),
    source(2741, 99, 2517, false), source(2840, 66, 2517, false), source(2906, 51, 2517, false),
    source(3193, 95, 2517, false), source(3288, 59, 2517, false), source(2610, 131, 2517, true),
    source(3751, 50, 2517, true), source(3801, 66, 2517, false), source(3949, 93, 2517, true),
    source(4042, 73, 2517, false), source(4115, 86, 2517, true), source(4201, 92, 2517, true),
    source(4293, 91, 2517, true), source(4384, 84, 2517, true), source(4468, 92, 2517, true),
    source(4560, 91, 2517, true), source(4651, 84, 2517, true), source(4735, 86, 2517, true),
    source(4821, 91, 2517, true), source(4912, 86, 2517, true), source(4998, 86, 2517, true),
    source(5084, 84, 2517, true), source(5168, 88, 2517, true), source(5256, 88, 2517, true),
    source(5344, 99, 2517, false), source(5443, 106, 2517, false), source(5549, 53, 2517, false),
    source(5602, 84, 2517, true), source(6012, 63, 2517, false), source(6075, 61, 2517, false),
    source(6136, 39, 2517, true), source(6317, 139, 2517, true), source(6456, 145, 2517, true),
    source(6601, 140, 2517, true), source(6741, 149, 2517, true), source(6890, 148, 2517, true),
    source(7038, 146, 2517, true), source(7184, 137, 2517, true), source(7321, 150, 2517, true),
    source(7471, 149, 2517, true), source(7620, 145, 2517, true), source(7765, 144, 2517, true),
    source(7909, 144, 2517, true), source(8053, 141, 2517, true), source(8194, 141, 2517, true),
    source(8335, 143, 2517, true), source(8478, 147, 2517, true), source(8625, 145, 2517, true),
    source(8770, 148, 2517, true), source(8918, 146, 2517, true), source(9064, 148, 2517, true),
    source(9212, 148, 2517, true), source(9360, 148, 2517, true), source(9508, 146, 2517, true),
    source(9654, 147, 2517, true), source(9801, 147, 2517, true), source(9948, 152, 2517, true),
    source(10100, 133, 2517, true), source(10233, 135, 2517, true), source(10368, 135, 2517, true),
    source(10503, 131, 2517, true), source(10634, 131, 2517, true), source(10765, 141, 2517, true),
    source(10906, 143, 2517, true), source(11049, 142, 2517, true), source(11191, 153, 2517, true),
    source(11344, 162, 2517, true), source(11506, 143, 2517, true), source(11649, 141, 2517, true),
    source(11790, 135, 2517, true), source(13027, 40, 2517, false), source(13067, 104, 2517, false),
    source(13171, 49, 2517, false), source(13220, 49, 2517, false), source(13378, 72, 2517, true),
    source(13450, 66, 2517, true), source(13516, 74, 2517, true), source(1155, 155, 2517, true),
    source(13590, 56, 2517, true), source(13646, 68, 2517, true), source(13714, 62, 2517, true),
    source(13776, 54, 2517, true), source(13830, 95, 2517, false), source(13925, 60, 2517, true),
    source(13985, 68, 2517, true), source(14053, 77, 2517, false), source(14130, 57, 2517, true),
    source(14187, 59, 2517, true), source(14246, 71, 2517, true), source(14317, 99, 2517, false),
    source(14416, 58, 2517, true), source(13378, 45, 2517, true), source(14474, 41, 2517, true),
    source(14515, 43, 2517, true), source(14558, 65, 2517, true), source(14623, 69, 2517, true),
    source(14692, 77, 2517, true), source(1473, 136, 2517, true), source(14769, 82, 2517, true),
    source(15048, 48, 2517, false), source(15096, 61, 2517, false), source(15157, 44, 2517, false),
    source(15210, 27, 2517, true), source(15244, 99, 2517, true), source(15343, 101, 2517, true),
    source(15444, 98, 2517, true), source(15542, 100, 2517, true), source(15642, 100, 2517, true),
    source(15742, 100, 2517, true), source(15842, 100, 2517, true), source(15942, 100, 2517, true),
    source(16042, 98, 2517, true), source(16140, 100, 2517, true), source(16240, 102, 2517, true),
    source(16342, 102, 2517, true), source(16444, 100, 2517, true), source(16544, 104, 2517, true),
    source(16648, 96, 2517, true), source(16744, 91, 2517, true), source(16835, 96, 2517, true),
    source(16931, 96, 2517, true), source(4115, 86, 2517, true), source(4201, 92, 2517, true),
    source(4293, 91, 2517, true), source(4384, 84, 2517, true), source(4468, 92, 2517, true),
    source(4560, 91, 2517, true), source(17027, 97, 2517, true), source(4651, 84, 2517, true),
    source(4735, 86, 2517, true), source(4821, 91, 2517, true), source(4912, 86, 2517, true),
    source(4998, 86, 2517, true), source(5084, 84, 2517, true), source(5168, 88, 2517, true),
    source(5256, 88, 2517, true), source(17124, 95, 2517, true), source(17219, 95, 2517, true),
    source(17314, 100, 2517, true), source(17414, 88, 2517, true), source(17502, 87, 2517, true),
    source(17589, 94, 2517, true), source(17683, 93, 2517, true), source(17776, 103, 2517, true),
    source(17879, 99, 2517, true), source(17978, 98, 2517, true), source(18076, 98, 2517, true),
    source(18174, 96, 2517, true), source(18270, 99, 2517, true), source(18369, 106, 2517, true),
    source(18475, 103, 2517, true), source(18578, 93, 2517, true), source(18671, 109, 2517, true),
    source(18780, 104, 2517, true), source(18884, 110, 2517, true), source(18994, 99, 2517, true),
    source(19093, 99, 2517, true), source(19192, 90, 2517, true), source(19282, 91, 2517, true),
    source(19373, 99, 2517, true), source(19472, 99, 2517, true), source(5602, 84, 2517, true),
    source(20329, 51, 2517, false), source(20380, 41, 2517, false), source(20421, 96, 2517, false),
    source(20517, 56, 2517, false), source(20722, 63, 2517, false), source(20785, 43, 2517, false),
    source(20828, 77, 2517, false),
];

#[rustfmt::skip]
pub(crate) static TEXT: &str = "\
anthropichttps://github.com/anthropics/skills/blob/9d2f1ae187231d8199c64b5b762e1bdf2244733d/skil\
ls/claude-api/shared/models.mdhttps://platform.claude.com/docs/en/models/fable-5/overview.mdhttp\
s://platform.claude.com/docs/en/models/haiku-5-5/overview.mdhttps://github.com/kurofune/claudit/\
releases/tag/v1.9.2https://github.com/simonw/llm-prices/blob/723ef0bd3a6254436e9fe8d7f05d4d787e9\
9f4c5/data/anthropic.jsonhttps://platform.claude.com/docs/pt-BR/models/opus-4-5/overview.mdhttps\
://platform.claude.com/docs/about-claude/models/whats-new-opus-5https://platform.claude.com/docs\
/en/about-claude/pricinghttps://platform.claude.com/docs/zh-CN/models/sonnet-5/overviewhttps://p\
latform.claude.com/docs/zh-CN/models/sonnet-5-5/overviewclaude-3-5-haikuclaude-3-5-sonnetclaude-\
3-7-sonnetclaude-3-haikuclaude-3-opusclaude-3-sonnetclaude-fable-5claude-fable-5-1claude-haiku-4\
-5-20251001claude-haiku-5-5claude-mythos-5claude-opus-4-1-20250805claude-opus-4-5-20251101claude\
-opus-4-6claude-opus-4-7claude-opus-4-8claude-opus-5claude-opus-5-5claude-sonnet-4-0claude-sonne\
t-4-20250514claude-sonnet-4-5-20250929claude-sonnet-4-6claude-sonnet-5claude-sonnet-5-5azure_ope\
naihttps://github.com/MicrosoftDocs/azure-ai-docs/blob/00bb5540c93f4bf3d1d78fe21e36c6dbc2930026/\
articles/foundry/openai/includes/models-azure-direct-openai.mdhttps://github.com/MicrosoftDocs/a\
zure-ai-docs/blob/0378dd85ff3808a7ba96bc948bd6d4c386127d85/articles/foundry/foundry-models/inclu\
des/models-azure-direct-others.mdhttps://github.com/MicrosoftDocs/azure-ai-docs/blob/0d126d3a3ac\
2048530922664c22652879a514db2/articles/foundry/openai/how-to/reasoning.mdhttps://github.com/Micr\
osoftDocs/azure-ai-docs/blob/01850fbb85959cfdc0dd37e7e905db549e1469d3/articles/foundry/openai/in\
cludes/retirement/models.mdCohere-command-aCohere-command-a-plus-05-2026Cohere-rerank-v4.0-fastC\
ohere-rerank-v4.0-proDeepSeek-V3.2deepseekDeepSeek-V3.2-SpecialeDeepSeek-V4-FlashDeepSeek-V4-Fla\
sh-0731DeepSeek-V4-ProLlama-3.3-70B-InstructllamaLlama-4-Maverick-17B-128E-Instruct-FP8MAI-Think\
ing-1maicodex-minicomputer-use-previewgptembed-v-4-0embeddinggpt-4.1gpt-4.1-minigpt-4.1-nanogpt-\
4ogpt-4o-minigpt-4o-transcribe-diarizegpt-5gpt-5-chatgpt-5-codexgpt-5-minigpt-5-nanogpt-5-progpt\
-5.1gpt-5.1-chatgpt-5.1-codexgpt-5.1-codex-maxgpt-5.1-codex-minigpt-5.2gpt-5.2-chatgpt-5.2-codex\
gpt-5.3-chatgpt-5.3-codexgpt-5.4gpt-5.4-minigpt-5.4-nanogpt-5.4-progpt-5.5gpt-audiogpt-audio-min\
igpt-chat-latestgpt-image-1-minigpt-oss-120bgpt-oss-20bgpt-realtimegpt-realtime-minio1o1-minio1-\
proo3o3-deep-researcho3-minio3-proo4-minitext-embedding-3-largetext-embedding-3-smalltext-embedd\
ing-ada-002bedrockhttps://github.com/cohere-ai/cohere-developer-experience/blob/e814c8a1822f3b14\
4b3708fdff14c3df0281e961/fern/pages/models/models.mdxhttps://github.com/simonw/llm-prices/blob/7\
23ef0bd3a6254436e9fe8d7f05d4d787e99f4c5/data/amazon.jsonhttps://docs.rs/crate/mixtape-core/0.4.0\
/source/src/models/nova.rshttps://vercel.com/ai-gateway/models/nova-2-lite.mdamazon.nova-2-lite-\
v1:0amazon.nova-lite-v1:0amazon.nova-micro-v1:0amazon.nova-premier-v1:0amazon.nova-pro-v1:0coher\
e.command-r-plus-v1:0cohere.command-r-v1:0cohere.embed-english-v3cohere.embed-multilingual-v3coh\
ere.rerank-v3-5:0cerebrashttps://docs.rs/crate/harn-vm/0.8.113/source/src/llm/catalog_sources/60\
-models/30-cerebras.tomlhttps://github.com/braintrustdata/braintrust-proxy/pull/616qwen-3-235b-a\
22b-instruct-2507zai-glm-4.7command-a-03-2025command-a-reasoning-08-2025command-a-translate-08-2\
025command-a-vision-07-2025command-lightcommand-r-03-2024command-r-08-2024command-r-plus-04-2024\
command-r-plus-08-2024command-r7b-12-2024embed-english-light-v3.0embed-english-v3.0embed-multili\
ngual-light-v3.0embed-multilingual-v3.0embed-v4.0rerank-english-v3.0rerank-multilingual-v3.0rera\
nk-v3.5https://api-docs.deepseek.com/quick_start/pricing/https://github.com/arikusi/deepseek-mcp\
-server/releases/tag/v2.0.0deepseek-chatdeepseek-v4-flashdeepseek-flashdeepseek-reasonerdeepseek\
-v4-progeminihttps://docs.cloud.google.com/gemini-enterprise-agent-platform/models/gemini/3-8-fl\
ash.md.txthttps://docs.apiyi.com/en/live/2026-09/gemini-3-8-flash-official-specs.mdhttps://docs.\
cloud.google.com/gemini-enterprise-agent-platform/models/gemini/2-5-flashhttps://docs.cloud.goog\
le.com/gemini-enterprise-agent-platform/models/gemini/2-5-flash-imagehttps://docs.cloud.google.c\
om/gemini-enterprise-agent-platform/models/gemini/2-5-flash-litehttps://docs.cloud.google.com/ge\
mini-enterprise-agent-platform/models/gemini/2-5-prohttps://docs.cloud.google.com/gemini-enterpr\
ise-agent-platform/models/gemini/3-1-flash-imagehttps://docs.cloud.google.com/gemini-enterprise-\
agent-platform/models/gemini/3-1-flash-litehttps://docs.cloud.google.com/gemini-enterprise-agent\
-platform/models/gemini/3-1-prohttps://docs.cloud.google.com/gemini-enterprise-agent-platform/mo\
dels/gemini/3-5-flashhttps://docs.cloud.google.com/gemini-enterprise-agent-platform/models/gemin\
i/3-5-flash-litehttps://docs.cloud.google.com/gemini-enterprise-agent-platform/models/gemini/3-6\
-flashhttps://docs.cloud.google.com/gemini-enterprise-agent-platform/models/gemini/3-7-flashhttp\
s://docs.cloud.google.com/gemini-enterprise-agent-platform/models/gemini/3-flashhttps://docs.clo\
ud.google.com/gemini-enterprise-agent-platform/models/gemini/3-pro-imagehttps://docs.cloud.googl\
e.com/gemini-enterprise-agent-platform/models/gemini/embedding-2https://github.com/simonw/llm-pr\
ices/blob/723ef0bd3a6254436e9fe8d7f05d4d787e99f4c5/data/google.jsonhttps://raw.githubusercontent\
.com/api-evangelist/deepmind/refs/heads/main/plans/deepmind-plans-pricing.ymlhttps://vercel.com/\
ai-gateway/models/gemini-3.8-flashhttps://docs.cloud.google.com/gemini-enterprise-agent-platform\
/models/model-versionsgemini-2.0-flashgemini-2.0-flash-litegemini-2.5-flashgemini-2.5-flash-imag\
egemini-2.5-flash-litegemini-2.5-progemini-3-flash-previewgemini-3-pro-imagegemini-3-pro-preview\
gemini-3.1-flash-imagegemini-3.1-flash-litegemini-3.1-pro-previewgemini-3.5-flashgemini-3.5-flas\
h-litegemini-3.6-flashgemini-3.7-flashgemini-embedding-2groqhttps://docs.rs/crate/aicost/0.2.4/s\
ource/src/data/data_groq.rshttps://github.com/braintrustdata/braintrust-proxy/issues/566https://\
console.groq.com/docs/models.mdllama-3.1-8b-instantllama-3.3-70b-versatilemeta-llama/llama-4-sco\
ut-17b-16e-instructopenai/gpt-oss-120bopenai/gpt-oss-20bqwen/qwen3-32bmistralhttps://github.com/\
mistralai/platform-docs-public/blob/222f4ba9114f84ce9f2d718b9a12fbac1e527f4b/src/schema/models/m\
odels/codestral-25-08.tshttps://github.com/mistralai/platform-docs-public/blob/222f4ba9114f84ce9\
f2d718b9a12fbac1e527f4b/src/schema/models/models/codestral-embed-25-05.tshttps://github.com/mist\
ralai/platform-docs-public/blob/222f4ba9114f84ce9f2d718b9a12fbac1e527f4b/src/schema/models/model\
s/devstral-2-25-12.tshttps://github.com/mistralai/platform-docs-public/blob/222f4ba9114f84ce9f2d\
718b9a12fbac1e527f4b/src/schema/models/models/devstral-medium-1-0-25-07.tshttps://github.com/mis\
tralai/platform-docs-public/blob/222f4ba9114f84ce9f2d718b9a12fbac1e527f4b/src/schema/models/mode\
ls/devstral-small-1-1-25-07.tshttps://github.com/mistralai/platform-docs-public/blob/222f4ba9114\
f84ce9f2d718b9a12fbac1e527f4b/src/schema/models/models/devstral-small-2-25-12.tshttps://github.c\
om/mistralai/platform-docs-public/blob/222f4ba9114f84ce9f2d718b9a12fbac1e527f4b/src/schema/model\
s/models/leanstral-1-5.tshttps://github.com/mistralai/platform-docs-public/blob/222f4ba9114f84ce\
9f2d718b9a12fbac1e527f4b/src/schema/models/models/magistral-medium-1-2-25-09.tshttps://github.co\
m/mistralai/platform-docs-public/blob/222f4ba9114f84ce9f2d718b9a12fbac1e527f4b/src/schema/models\
/models/magistral-small-1-2-25-09.tshttps://github.com/mistralai/platform-docs-public/blob/222f4\
ba9114f84ce9f2d718b9a12fbac1e527f4b/src/schema/models/models/ministral-3-14b-25-12.tshttps://git\
hub.com/mistralai/platform-docs-public/blob/222f4ba9114f84ce9f2d718b9a12fbac1e527f4b/src/schema/\
models/models/ministral-3-3b-25-12.tshttps://github.com/mistralai/platform-docs-public/blob/222f\
4ba9114f84ce9f2d718b9a12fbac1e527f4b/src/schema/models/models/ministral-3-8b-25-12.tshttps://git\
hub.com/mistralai/platform-docs-public/blob/222f4ba9114f84ce9f2d718b9a12fbac1e527f4b/src/schema/\
models/models/ministral-3b-24-1.tshttps://github.com/mistralai/platform-docs-public/blob/222f4ba\
9114f84ce9f2d718b9a12fbac1e527f4b/src/schema/models/models/ministral-8b-24-1.tshttps://github.co\
m/mistralai/platform-docs-public/blob/222f4ba9114f84ce9f2d718b9a12fbac1e527f4b/src/schema/models\
/models/mistral-embed-23-12.tshttps://github.com/mistralai/platform-docs-public/blob/222f4ba9114\
f84ce9f2d718b9a12fbac1e527f4b/src/schema/models/models/mistral-large-2-1-24-11.tshttps://github.\
com/mistralai/platform-docs-public/blob/222f4ba9114f84ce9f2d718b9a12fbac1e527f4b/src/schema/mode\
ls/models/mistral-large-3-25-12.tshttps://github.com/mistralai/platform-docs-public/blob/222f4ba\
9114f84ce9f2d718b9a12fbac1e527f4b/src/schema/models/models/mistral-medium-3-1-25-08.tshttps://gi\
thub.com/mistralai/platform-docs-public/blob/222f4ba9114f84ce9f2d718b9a12fbac1e527f4b/src/schema\
/models/models/mistral-medium-3-25-05.tshttps://github.com/mistralai/platform-docs-public/blob/2\
22f4ba9114f84ce9f2d718b9a12fbac1e527f4b/src/schema/models/models/mistral-medium-3-5-26-04.tshttp\
s://github.com/mistralai/platform-docs-public/blob/222f4ba9114f84ce9f2d718b9a12fbac1e527f4b/src/\
schema/models/models/mistral-moderation-24-11.tshttps://github.com/mistralai/platform-docs-publi\
c/blob/222f4ba9114f84ce9f2d718b9a12fbac1e527f4b/src/schema/models/models/mistral-moderation-26-0\
3.tshttps://github.com/mistralai/platform-docs-public/blob/222f4ba9114f84ce9f2d718b9a12fbac1e527\
f4b/src/schema/models/models/mistral-nemo-12b-24-07.tshttps://github.com/mistralai/platform-docs\
-public/blob/222f4ba9114f84ce9f2d718b9a12fbac1e527f4b/src/schema/models/models/mistral-small-3-2\
-25-06.tshttps://github.com/mistralai/platform-docs-public/blob/222f4ba9114f84ce9f2d718b9a12fbac\
1e527f4b/src/schema/models/models/mistral-small-4-0-26-03.tshttps://github.com/mistralai/platfor\
m-docs-public/blob/222f4ba9114f84ce9f2d718b9a12fbac1e527f4b/src/schema/models/models/mistral-sma\
ll-creative-25-12.tshttps://github.com/mistralai/platform-docs-public/blob/222f4ba9114f84ce9f2d7\
18b9a12fbac1e527f4b/src/schema/models/models/ocr-25-03.tshttps://github.com/mistralai/platform-d\
ocs-public/blob/222f4ba9114f84ce9f2d718b9a12fbac1e527f4b/src/schema/models/models/ocr-2-25-05.ts\
https://github.com/mistralai/platform-docs-public/blob/222f4ba9114f84ce9f2d718b9a12fbac1e527f4b/\
src/schema/models/models/ocr-3-25-12.tshttps://github.com/mistralai/platform-docs-public/blob/22\
2f4ba9114f84ce9f2d718b9a12fbac1e527f4b/src/schema/models/models/ocr-4-0.tshttps://github.com/mis\
tralai/platform-docs-public/blob/222f4ba9114f84ce9f2d718b9a12fbac1e527f4b/src/schema/models/mode\
ls/ocr-4-1.tshttps://github.com/mistralai/platform-docs-public/blob/222f4ba9114f84ce9f2d718b9a12\
fbac1e527f4b/src/schema/models/models/pixtral-12b-24-09.tshttps://github.com/mistralai/platform-\
docs-public/blob/222f4ba9114f84ce9f2d718b9a12fbac1e527f4b/src/schema/models/models/pixtral-large\
-24-11.tshttps://github.com/mistralai/platform-docs-public/blob/222f4ba9114f84ce9f2d718b9a12fbac\
1e527f4b/src/schema/models/models/voxtral-mini-25-07.tshttps://github.com/mistralai/platform-doc\
s-public/blob/222f4ba9114f84ce9f2d718b9a12fbac1e527f4b/src/schema/models/models/voxtral-mini-tra\
nscribe-26-02.tshttps://github.com/mistralai/platform-docs-public/blob/222f4ba9114f84ce9f2d718b9\
a12fbac1e527f4b/src/schema/models/models/voxtral-mini-transcribe-realtime-26-02.tshttps://github\
.com/mistralai/platform-docs-public/blob/222f4ba9114f84ce9f2d718b9a12fbac1e527f4b/src/schema/mod\
els/models/voxtral-small-25-07.tshttps://github.com/mistralai/platform-docs-public/blob/222f4ba9\
114f84ce9f2d718b9a12fbac1e527f4b/src/schema/models/models/voxtral-tts-26-03.tshttps://github.com\
/mistralai/platform-docs-public/blob/222f4ba9114f84ce9f2d718b9a12fbac1e527f4b/src/schema/models/\
models/zai-glm-5-2.tscodestral-latestcodestral-2508codestral-embed-2505devstral-latestdevstral-m\
edium-latestdevstral-2512devstral-medium-2507devstral-small-2507devstral-small-latestlabs-devstr\
al-small-2512labs-leanstral-1-5labs-mistral-small-creativemagistral-medium-latestmagistral-mediu\
m-2509magistral-small-latestmagistral-small-2509ministral-14b-latestministral-14b-2512ministral-\
3b-2410ministral-3b-latestministral-3b-2512ministral-8b-2410ministral-8b-latestministral-8b-2512\
mistral-embed-2312mistral-large-2411mistral-large-latestmistral-large-2512mistral-medium-2505mis\
tral-medium-2508mistral-medium-latestmistral-moderation-2411mistral-moderation-2603mistral-ocr-2\
503mistral-ocr-2505mistral-ocr-2512mistral-ocr-4-0mistral-ocr-latestmistral-ocr-4-1mistral-small\
-2506mistral-small-latestmistral-small-2603open-mistral-nemoopen-mistral-nemo-2407pixtral-12b-24\
09pixtral-large-latestpixtral-large-2411voxtral-mini-2507voxtral-mini-latestvoxtral-mini-2602vox\
tral-mini-transcribe-realtime-latestvoxtral-mini-transcribe-realtime-2602voxtral-mini-tts-latest\
voxtral-mini-tts-2603voxtral-small-latestvoxtral-small-2507moonshothttps://www.chatbase.co/blog/\
kimi-k2-apihttps://github.com/simonw/llm-prices/blob/723ef0bd3a6254436e9fe8d7f05d4d787e99f4c5/da\
ta/moonshot-ai.jsonhttps://docs.openclaw.ai/es/providers/moonshot.mdhttps://github.com/getagents\
eal/codeburn/pull/709kimi-k2-0905-previewkimi-k2-thinkingkimi-k2-thinking-turbokimi-k2-turbo-pre\
viewkimi-k2.6kimi-k2.7-codekimi-k3https://developers.openai.com/api/docs/models/compare?model=gp\
t-realtimehttps://developers.openai.com/api/docs/models/gpt-4o-audio-previewhttps://developers.o\
penai.com/api/docs/models/gpt-4o-mini-audio-preview.mdhttps://developers.openai.com/api/docs/mod\
els/compare.mdhttps://developers.openai.com/api/docs/models/text-embedding-3-largehttps://develo\
pers.openai.com/api/docs/models/gpt-3.5-turbo.mdhttps://developers.openai.com/api/docs/models/gp\
t-4.mdhttps://github.com/langchain-ai/langchain/commit/3894b4d9a57989f155e79a6dddfdb376bdeffd6b.\
patchhttps://developers.openai.com/api/docs/models/gpt-4-turbo.mdhttps://developers.openai.com/a\
pi/docs/models/gpt-4-turbo-preview.mdhttps://hex.pm/packages/openai_responses/0.4.1/files/lib/re\
sponses/pricing.exhttps://developers.openai.com/api/docs/models/gpt-5-codexhttps://developers.op\
enai.com/api/docs/models/gpt-5-nano.mdhttps://developers.openai.com/api/docs/models/gpt-3.5-turb\
o-instruct.mdhttps://github.com/simonw/llm-prices/blob/723ef0bd3a6254436e9fe8d7f05d4d787e99f4c5/\
data/openai.jsonhttps://developers.openai.com/api/docs/models/gpt-5.6-lunahttps://developers.ope\
nai.com/docs/modelshttps://openai.com/api-priority-processing/https://developers.openai.com/api/\
docs/models/gpt-realtime-1.5.mdhttps://developers.openai.com/api/docs/models/gpt-4o-realtime-pre\
viewhttps://developers.openai.com/api/docs/models/gpt-4o-mini-realtime-preview.mdhttps://develop\
ers.openai.com/api/docs/models/compare?model=gpt-4o-mini-transcribecodex-mini-latestgpt-3.5-turb\
o-0125gpt-4-0613gpt-4-1106-previewgpt-4-0125-previewgpt-4o-2024-05-13gpt-5.2-progpt-5.5-progpt-5\
.6-solgpt-5.6-terragpt-6-astragpt-image-2o4-mini-deep-researchperplexityhttps://wavespeed.ai/pt/\
llm/perplexity/sonar-prohttps://wavespeed.ai/zh-CN/llm/perplexity/sonar-reasoning-prohttps://ope\
ncode.ai/data/perplexity/sonar.mdsimulatordocs/reference/simulator.md*vertexhttps://docs.cloud.g\
oogle.com/gemini-enterprise-agent-platform/models/partner-models/claude/fable-5https://docs.clou\
d.google.com/gemini-enterprise-agent-platform/models/partner-models/claude/haiku-4-5https://docs\
.cloud.google.com/gemini-enterprise-agent-platform/models/partner-models/claude/opus-4https://do\
cs.cloud.google.com/gemini-enterprise-agent-platform/models/partner-models/claude/opus-4-1https:\
//docs.cloud.google.com/gemini-enterprise-agent-platform/models/partner-models/claude/opus-4-5ht\
tps://docs.cloud.google.com/gemini-enterprise-agent-platform/models/partner-models/claude/opus-4\
-6https://docs.cloud.google.com/gemini-enterprise-agent-platform/models/partner-models/claude/op\
us-4-7https://docs.cloud.google.com/gemini-enterprise-agent-platform/models/partner-models/claud\
e/opus-4-8https://docs.cloud.google.com/gemini-enterprise-agent-platform/models/partner-models/c\
laude/opus-5https://docs.cloud.google.com/gemini-enterprise-agent-platform/models/partner-models\
/claude/sonnet-4https://docs.cloud.google.com/gemini-enterprise-agent-platform/models/partner-mo\
dels/claude/sonnet-4-5https://docs.cloud.google.com/gemini-enterprise-agent-platform/models/part\
ner-models/claude/sonnet-4-6https://docs.cloud.google.com/gemini-enterprise-agent-platform/model\
s/partner-models/claude/sonnet-5https://docs.cloud.google.com/gemini-enterprise-agent-platform/m\
odels/partner-models/mistral/codestral-2https://docs.cloud.google.com/gemini-enterprise-agent-pl\
atform/models/maas/deepseek/deepseek-ocrhttps://docs.cloud.google.com/gemini-enterprise-agent-pl\
atform/models/maas/deepseek/r1-0528https://docs.cloud.google.com/gemini-enterprise-agent-platfor\
m/models/maas/deepseek/deepseek-v31https://docs.cloud.google.com/gemini-enterprise-agent-platfor\
m/models/maas/deepseek/deepseek-v32https://docs.cloud.google.com/gemini-enterprise-agent-platfor\
m/models/gemini/3-1-flash-lite-imagehttps://docs.cloud.google.com/gemini-enterprise-agent-platfo\
rm/models/gemini/2-5-flash-live-apihttps://docs.cloud.google.com/gemini-enterprise-agent-platfor\
m/models/gemini/omni-flash-previewhttps://docs.cloud.google.com/gemini-enterprise-agent-platform\
/models/maas/google/gemma-4-26b-a4b-ithttps://docs.cloud.google.com/gemini-enterprise-agent-plat\
form/models/maas/zaiorg/glm-47https://docs.cloud.google.com/gemini-enterprise-agent-platform/mod\
els/maas/zaiorg/glm-5https://docs.cloud.google.com/gemini-enterprise-agent-platform/models/maas/\
openai/gpt-oss-120bhttps://docs.cloud.google.com/gemini-enterprise-agent-platform/models/maas/op\
enai/gpt-oss-20bhttps://docs.cloud.google.com/gemini-enterprise-agent-platform/models/partner-mo\
dels/grok/grok-4-1-fasthttps://docs.cloud.google.com/gemini-enterprise-agent-platform/models/par\
tner-models/grok/grok-4-20https://docs.cloud.google.com/gemini-enterprise-agent-platform/models/\
partner-models/grok/grok-4-3https://docs.cloud.google.com/gemini-enterprise-agent-platform/model\
s/partner-models/grok/grok-4-6https://docs.cloud.google.com/gemini-enterprise-agent-platform/mod\
els/maas/kimi/kimi-k2-thinkinghttps://docs.cloud.google.com/gemini-enterprise-agent-platform/mod\
els/partner-models/llama/llama3-3https://docs.cloud.google.com/gemini-enterprise-agent-platform/\
models/partner-models/llama/llama4-maverickhttps://docs.cloud.google.com/gemini-enterprise-agent\
-platform/models/partner-models/llama/llama4-scouthttps://docs.cloud.google.com/gemini-enterpris\
e-agent-platform/models/maas/minimax/minimax-m2https://docs.cloud.google.com/gemini-enterprise-a\
gent-platform/models/partner-models/mistral/mistral-medium-3https://docs.cloud.google.com/gemini\
-enterprise-agent-platform/models/partner-models/mistral/mistral-ocrhttps://docs.cloud.google.co\
m/gemini-enterprise-agent-platform/models/partner-models/mistral/mistral-small-3-1https://docs.c\
loud.google.com/gemini-enterprise-agent-platform/models/maas/e5/multilingual-e5-largehttps://doc\
s.cloud.google.com/gemini-enterprise-agent-platform/models/maas/e5/multilingual-e5-smallhttps://\
docs.cloud.google.com/gemini-enterprise-agent-platform/models/maas/qwen/qwen3-235bhttps://docs.c\
loud.google.com/gemini-enterprise-agent-platform/models/maas/qwen/qwen3-coderhttps://docs.cloud.\
google.com/gemini-enterprise-agent-platform/models/maas/qwen/qwen3-next-instructhttps://docs.clo\
ud.google.com/gemini-enterprise-agent-platform/models/maas/qwen/qwen3-next-thinkingdeepseek-ocr-\
maasdeepseek-r1-0528-maasdeepseek-v3.1-maasdeepseek-v3.2-maasgemini-3.1-flash-lite-imagegemini-e\
mbedding-001gemini-live-2.5-flash-native-audiogemini-omni-flash-previewgemma-4-26b-a4b-it-maasgl\
m-4.7-maasglm-5-maasgpt-oss-120b-maasgpt-oss-20b-maasgrok-4.1-fast-reasoninggrok-4.20-reasoningg\
rok-4.3grok-4.6kimi-k2-thinking-maasllama-3.3-70b-instruct-maasllama-4-maverick-17b-128e-instruc\
t-maasllama-4-scout-17b-16e-instruct-maasminimax-m2-maasmistral-small-2503multilingual-e5-large-\
instruct-maasmultilingual-e5-small-maasmultimodalembedding@001qwen3-235b-a22b-instruct-2507-maas\
qwen3-coder-480b-a35b-instruct-maasqwen3-next-80b-a3b-instruct-maasqwen3-next-80b-a3b-thinking-m\
aastext-embedding-004text-embedding-005text-multilingual-embedding-002xaihttps://github.com/Zoo-\
Code-Org/Zoo-Code/issues/866https://docs.apiyi.com/models/grok-4-6.mdhttps://github.com/simonw/l\
lm-prices/blob/723ef0bd3a6254436e9fe8d7f05d4d787e99f4c5/data/xai.jsonhttps://docs.apiyi.com/en/a\
pi-capabilities/grok/overviewgrok-3grok-3-minigrok-4-fastgrok-4.20-0309-non-reasoninggrok-4.20-0\
309-reasoninggrok-4.20-multi-agent-0309grok-4.5grok-build-0.1grok-code-fast-1zhipuhttps://www.ge\
tmaxim.ai/bifrost/model-library/compare/zai/glm-5https://wavespeed.ai/zh-CN/llm/z-ai/glm-5.2http\
s://dev.to/owen_fox/glm-53-api-pricing-endpoints-and-reasoningeffort-40oaglm-5.3\
";
