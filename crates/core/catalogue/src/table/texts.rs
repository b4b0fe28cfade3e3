//! Texts and pages. Made by `cargo xtask generate` from `crates/core/catalogue/data`.

use super::SourceRow;
use super::short::source;

#[rustfmt::skip]
pub(crate) static SOURCES: &[SourceRow] = &[
    source(9, 117, 2517, true), source(126, 62, 2517, true), source(188, 64, 2517, true),
    source(252, 55, 2517, false), source(307, 102, 2517, false), source(409, 112, 2517, false),
    source(521, 66, 2517, true), source(587, 69, 2517, true), source(656, 56, 2517, true),
    source(712, 63, 2517, true), source(775, 65, 2517, true), source(1267, 155, 2517, true),
    source(1422, 163, 2517, true), source(1585, 136, 2517, true), source(1721, 146, 2517, true),
    source(2722, 131, 2517, true), source(2853, 99, 2517, false), source(2952, 66, 2517, false),
    source(3018, 51, 2517, false), source(3305, 95, 2517, false), source(3400, 59, 2517, false),
    source(2722, 131, 2517, true), source(3500, 109, 2517, false), source(3972, 50, 2517, true),
    source(4022, 66, 2517, false), source(4170, 93, 2517, true), source(4263, 73, 2517, false),
    source(4336, 86, 2517, true), source(4422, 92, 2517, true), source(4514, 91, 2517, true),
    source(4605, 84, 2517, true), source(4689, 92, 2517, true), source(4781, 91, 2517, true),
    source(4872, 84, 2517, true), source(4956, 86, 2517, true), source(5042, 91, 2517, true),
    source(5133, 86, 2517, true), source(5219, 86, 2517, true), source(5305, 84, 2517, true),
    source(5389, 88, 2517, true), source(5477, 88, 2517, true), source(5565, 99, 2517, false),
    source(5664, 106, 2517, false), source(5770, 53, 2517, false), source(5823, 84, 2517, true),
    source(6233, 63, 2517, false), source(6296, 61, 2517, false), source(6357, 39, 2517, true),
    source(6538, 139, 2517, true), source(6677, 145, 2517, true), source(6822, 140, 2517, true),
    source(6962, 149, 2517, true), source(7111, 148, 2517, true), source(7259, 146, 2517, true),
    source(7405, 137, 2517, true), source(7542, 150, 2517, true), source(7692, 149, 2517, true),
    source(7841, 145, 2517, true), source(7986, 144, 2517, true), source(8130, 144, 2517, true),
    source(8274, 141, 2517, true), source(8415, 141, 2517, true), source(8556, 143, 2517, true),
    source(8699, 147, 2517, true), source(8846, 145, 2517, true), source(8991, 148, 2517, true),
    source(9139, 146, 2517, true), source(9285, 148, 2517, true), source(9433, 148, 2517, true),
    source(9581, 148, 2517, true), source(9729, 146, 2517, true), source(9875, 147, 2517, true),
    source(10022, 147, 2517, true), source(10169, 152, 2517, true), source(10321, 133, 2517, true),
    source(10454, 135, 2517, true), source(10589, 135, 2517, true), source(10724, 131, 2517, true),
    source(10855, 131, 2517, true), source(10986, 141, 2517, true), source(11127, 143, 2517, true),
    source(11270, 142, 2517, true), source(11412, 153, 2517, true), source(11565, 162, 2517, true),
    source(11727, 143, 2517, true), source(11870, 141, 2517, true), source(12011, 135, 2517, true),
    source(13248, 40, 2517, false), source(13288, 104, 2517, false), source(13392, 113, 2517, false),
    source(13505, 49, 2517, false), source(13554, 49, 2517, false), source(13712, 72, 2517, true),
    source(13784, 66, 2517, true), source(13850, 74, 2517, true), source(1267, 155, 2517, true),
    source(13924, 56, 2517, true), source(13980, 68, 2517, true), source(14048, 62, 2517, true),
    source(14110, 54, 2517, true), source(14164, 95, 2517, false), source(14259, 60, 2517, true),
    source(14319, 68, 2517, true), source(14387, 77, 2517, false), source(14464, 57, 2517, true),
    source(14521, 59, 2517, true), source(14580, 71, 2517, true), source(14651, 99, 2517, false),
    source(14750, 58, 2517, true), source(13712, 45, 2517, true), source(14808, 41, 2517, true),
    source(14849, 109, 2517, false), source(14958, 43, 2517, true), source(15001, 65, 2517, true),
    source(15066, 69, 2517, true), source(15135, 77, 2517, true), source(1585, 136, 2517, true),
    source(15212, 82, 2517, true), source(15491, 48, 2517, false), source(15539, 61, 2517, false),
    source(15600, 44, 2517, false), source(15653, 27, 2517, true), source(15687, 99, 2517, true),
    source(15786, 101, 2517, true), source(15887, 98, 2517, true), source(15985, 100, 2517, true),
    source(16085, 100, 2517, true), source(16185, 100, 2517, true), source(16285, 100, 2517, true),
    source(16385, 100, 2517, true), source(16485, 98, 2517, true), source(16583, 100, 2517, true),
    source(16683, 102, 2517, true), source(16785, 102, 2517, true), source(16887, 100, 2517, true),
    source(16987, 104, 2517, true), source(17091, 96, 2517, true), source(17187, 91, 2517, true),
    source(17278, 96, 2517, true), source(17374, 96, 2517, true), source(4336, 86, 2517, true),
    source(4422, 92, 2517, true), source(4514, 91, 2517, true), source(4605, 84, 2517, true),
    source(4689, 92, 2517, true), source(4781, 91, 2517, true), source(17470, 97, 2517, true),
    source(4872, 84, 2517, true), source(4956, 86, 2517, true), source(5042, 91, 2517, true),
    source(5133, 86, 2517, true), source(5219, 86, 2517, true), source(5305, 84, 2517, true),
    source(5389, 88, 2517, true), source(5477, 88, 2517, true), source(17567, 95, 2517, true),
    source(17662, 95, 2517, true), source(17757, 100, 2517, true), source(17857, 88, 2517, true),
    source(17945, 87, 2517, true), source(18032, 94, 2517, true), source(18126, 93, 2517, true),
    source(18219, 103, 2517, true), source(18322, 99, 2517, true), source(18421, 98, 2517, true),
    source(18519, 98, 2517, true), source(18617, 96, 2517, true), source(18713, 99, 2517, true),
    source(18812, 106, 2517, true), source(18918, 103, 2517, true), source(19021, 93, 2517, true),
    source(19114, 109, 2517, true), source(19223, 104, 2517, true), source(19327, 110, 2517, true),
    source(19437, 99, 2517, true), source(19536, 99, 2517, true), source(19635, 90, 2517, true),
    source(19725, 91, 2517, true), source(19816, 99, 2517, true), source(19915, 99, 2517, true),
    source(5823, 84, 2517, true), source(20772, 51, 2517, false), source(20823, 41, 2517, false),
    source(20864, 96, 2517, false), source(20960, 56, 2517, false), source(21165, 63, 2517, false),
    source(21228, 43, 2517, false), source(21271, 77, 2517, false),
];

#[rustfmt::skip]
pub(crate) static TEXT: &str = "\
anthropichttps://github.com/anthropics/skills/blob/9d2f1ae187231d8199c64b5b762e1bdf2244733d/skil\
ls/claude-api/shared/models.mdhttps://platform.claude.com/docs/en/models/fable-5/overview.mdhttp\
s://platform.claude.com/docs/en/models/haiku-5-5/overview.mdhttps://github.com/kurofune/claudit/\
releases/tag/v1.9.2https://github.com/simonw/llm-prices/blob/723ef0bd3a6254436e9fe8d7f05d4d787e9\
9f4c5/data/anthropic.jsonhttps://github.com/anomalyco/models.dev/blob/f3fc692299671838c7c65fd812\
6bf84d81a2e817/providers/anthropic/modelshttps://platform.claude.com/docs/pt-BR/models/opus-4-5/\
overview.mdhttps://platform.claude.com/docs/about-claude/models/whats-new-opus-5https://platform\
.claude.com/docs/en/about-claude/pricinghttps://platform.claude.com/docs/zh-CN/models/sonnet-5/o\
verviewhttps://platform.claude.com/docs/zh-CN/models/sonnet-5-5/overviewclaude-3-5-haikuclaude-3\
-5-sonnetclaude-3-7-sonnetclaude-3-haikuclaude-3-opusclaude-3-sonnetclaude-fable-5claude-fable-5\
-1claude-haiku-4-5-20251001claude-haiku-5-5claude-mythos-5claude-opus-4-1-20250805claude-opus-4-\
5-20251101claude-opus-4-6claude-opus-4-7claude-opus-4-8claude-opus-5claude-opus-5-5claude-sonnet\
-4-0claude-sonnet-4-20250514claude-sonnet-4-5-20250929claude-sonnet-4-6claude-sonnet-5claude-son\
net-5-5azure_openaihttps://github.com/MicrosoftDocs/azure-ai-docs/blob/00bb5540c93f4bf3d1d78fe21\
e36c6dbc2930026/articles/foundry/openai/includes/models-azure-direct-openai.mdhttps://github.com\
/MicrosoftDocs/azure-ai-docs/blob/0378dd85ff3808a7ba96bc948bd6d4c386127d85/articles/foundry/foun\
dry-models/includes/models-azure-direct-others.mdhttps://github.com/MicrosoftDocs/azure-ai-docs/\
blob/0d126d3a3ac2048530922664c22652879a514db2/articles/foundry/openai/how-to/reasoning.mdhttps:/\
/github.com/MicrosoftDocs/azure-ai-docs/blob/01850fbb85959cfdc0dd37e7e905db549e1469d3/articles/f\
oundry/openai/includes/retirement/models.mdCohere-command-aCohere-command-a-plus-05-2026Cohere-r\
erank-v4.0-fastCohere-rerank-v4.0-proDeepSeek-V3.2deepseekDeepSeek-V3.2-SpecialeDeepSeek-V4-Flas\
hDeepSeek-V4-Flash-0731DeepSeek-V4-ProLlama-3.3-70B-InstructllamaLlama-4-Maverick-17B-128E-Instr\
uct-FP8MAI-Thinking-1maicodex-minicomputer-use-previewgptembed-v-4-0embeddinggpt-4.1gpt-4.1-mini\
gpt-4.1-nanogpt-4ogpt-4o-minigpt-4o-transcribe-diarizegpt-5gpt-5-chatgpt-5-codexgpt-5-minigpt-5-\
nanogpt-5-progpt-5.1gpt-5.1-chatgpt-5.1-codexgpt-5.1-codex-maxgpt-5.1-codex-minigpt-5.2gpt-5.2-c\
hatgpt-5.2-codexgpt-5.3-chatgpt-5.3-codexgpt-5.4gpt-5.4-minigpt-5.4-nanogpt-5.4-progpt-5.5gpt-au\
diogpt-audio-minigpt-chat-latestgpt-image-1-minigpt-oss-120bgpt-oss-20bgpt-realtimegpt-realtime-\
minio1o1-minio1-proo3o3-deep-researcho3-minio3-proo4-minitext-embedding-3-largetext-embedding-3-\
smalltext-embedding-ada-002bedrockhttps://github.com/cohere-ai/cohere-developer-experience/blob/\
e814c8a1822f3b144b3708fdff14c3df0281e961/fern/pages/models/models.mdxhttps://github.com/simonw/l\
lm-prices/blob/723ef0bd3a6254436e9fe8d7f05d4d787e99f4c5/data/amazon.jsonhttps://docs.rs/crate/mi\
xtape-core/0.4.0/source/src/models/nova.rshttps://vercel.com/ai-gateway/models/nova-2-lite.mdama\
zon.nova-2-lite-v1:0amazon.nova-lite-v1:0amazon.nova-micro-v1:0amazon.nova-premier-v1:0amazon.no\
va-pro-v1:0cohere.command-r-plus-v1:0cohere.command-r-v1:0cohere.embed-english-v3cohere.embed-mu\
ltilingual-v3cohere.rerank-v3-5:0cerebrashttps://docs.rs/crate/harn-vm/0.8.113/source/src/llm/ca\
talog_sources/60-models/30-cerebras.tomlhttps://github.com/braintrustdata/braintrust-proxy/pull/\
616qwen-3-235b-a22b-instruct-2507zai-glm-4.7https://github.com/anomalyco/models.dev/blob/f3fc692\
299671838c7c65fd8126bf84d81a2e817/providers/cohere/modelscommand-a-03-2025command-a-reasoning-08\
-2025command-a-translate-08-2025command-a-vision-07-2025command-lightcommand-r-03-2024command-r-\
08-2024command-r-plus-04-2024command-r-plus-08-2024command-r7b-12-2024embed-english-light-v3.0em\
bed-english-v3.0embed-multilingual-light-v3.0embed-multilingual-v3.0embed-v4.0rerank-english-v3.\
0rerank-multilingual-v3.0rerank-v3.5https://api-docs.deepseek.com/quick_start/pricing/https://gi\
thub.com/arikusi/deepseek-mcp-server/releases/tag/v2.0.0deepseek-chatdeepseek-v4-flashdeepseek-f\
lashdeepseek-reasonerdeepseek-v4-progeminihttps://docs.cloud.google.com/gemini-enterprise-agent-\
platform/models/gemini/3-8-flash.md.txthttps://docs.apiyi.com/en/live/2026-09/gemini-3-8-flash-o\
fficial-specs.mdhttps://docs.cloud.google.com/gemini-enterprise-agent-platform/models/gemini/2-5\
-flashhttps://docs.cloud.google.com/gemini-enterprise-agent-platform/models/gemini/2-5-flash-ima\
gehttps://docs.cloud.google.com/gemini-enterprise-agent-platform/models/gemini/2-5-flash-litehtt\
ps://docs.cloud.google.com/gemini-enterprise-agent-platform/models/gemini/2-5-prohttps://docs.cl\
oud.google.com/gemini-enterprise-agent-platform/models/gemini/3-1-flash-imagehttps://docs.cloud.\
google.com/gemini-enterprise-agent-platform/models/gemini/3-1-flash-litehttps://docs.cloud.googl\
e.com/gemini-enterprise-agent-platform/models/gemini/3-1-prohttps://docs.cloud.google.com/gemini\
-enterprise-agent-platform/models/gemini/3-5-flashhttps://docs.cloud.google.com/gemini-enterpris\
e-agent-platform/models/gemini/3-5-flash-litehttps://docs.cloud.google.com/gemini-enterprise-age\
nt-platform/models/gemini/3-6-flashhttps://docs.cloud.google.com/gemini-enterprise-agent-platfor\
m/models/gemini/3-7-flashhttps://docs.cloud.google.com/gemini-enterprise-agent-platform/models/g\
emini/3-flashhttps://docs.cloud.google.com/gemini-enterprise-agent-platform/models/gemini/3-pro-\
imagehttps://docs.cloud.google.com/gemini-enterprise-agent-platform/models/gemini/embedding-2htt\
ps://github.com/simonw/llm-prices/blob/723ef0bd3a6254436e9fe8d7f05d4d787e99f4c5/data/google.json\
https://raw.githubusercontent.com/api-evangelist/deepmind/refs/heads/main/plans/deepmind-plans-p\
ricing.ymlhttps://vercel.com/ai-gateway/models/gemini-3.8-flashhttps://docs.cloud.google.com/gem\
ini-enterprise-agent-platform/models/model-versionsgemini-2.0-flashgemini-2.0-flash-litegemini-2\
.5-flashgemini-2.5-flash-imagegemini-2.5-flash-litegemini-2.5-progemini-3-flash-previewgemini-3-\
pro-imagegemini-3-pro-previewgemini-3.1-flash-imagegemini-3.1-flash-litegemini-3.1-pro-previewge\
mini-3.5-flashgemini-3.5-flash-litegemini-3.6-flashgemini-3.7-flashgemini-embedding-2groqhttps:/\
/docs.rs/crate/aicost/0.2.4/source/src/data/data_groq.rshttps://github.com/braintrustdata/braint\
rust-proxy/issues/566https://console.groq.com/docs/models.mdllama-3.1-8b-instantllama-3.3-70b-ve\
rsatilemeta-llama/llama-4-scout-17b-16e-instructopenai/gpt-oss-120bopenai/gpt-oss-20bqwen/qwen3-\
32bmistralhttps://github.com/mistralai/platform-docs-public/blob/222f4ba9114f84ce9f2d718b9a12fba\
c1e527f4b/src/schema/models/models/codestral-25-08.tshttps://github.com/mistralai/platform-docs-\
public/blob/222f4ba9114f84ce9f2d718b9a12fbac1e527f4b/src/schema/models/models/codestral-embed-25\
-05.tshttps://github.com/mistralai/platform-docs-public/blob/222f4ba9114f84ce9f2d718b9a12fbac1e5\
27f4b/src/schema/models/models/devstral-2-25-12.tshttps://github.com/mistralai/platform-docs-pub\
lic/blob/222f4ba9114f84ce9f2d718b9a12fbac1e527f4b/src/schema/models/models/devstral-medium-1-0-2\
5-07.tshttps://github.com/mistralai/platform-docs-public/blob/222f4ba9114f84ce9f2d718b9a12fbac1e\
527f4b/src/schema/models/models/devstral-small-1-1-25-07.tshttps://github.com/mistralai/platform\
-docs-public/blob/222f4ba9114f84ce9f2d718b9a12fbac1e527f4b/src/schema/models/models/devstral-sma\
ll-2-25-12.tshttps://github.com/mistralai/platform-docs-public/blob/222f4ba9114f84ce9f2d718b9a12\
fbac1e527f4b/src/schema/models/models/leanstral-1-5.tshttps://github.com/mistralai/platform-docs\
-public/blob/222f4ba9114f84ce9f2d718b9a12fbac1e527f4b/src/schema/models/models/magistral-medium-\
1-2-25-09.tshttps://github.com/mistralai/platform-docs-public/blob/222f4ba9114f84ce9f2d718b9a12f\
bac1e527f4b/src/schema/models/models/magistral-small-1-2-25-09.tshttps://github.com/mistralai/pl\
atform-docs-public/blob/222f4ba9114f84ce9f2d718b9a12fbac1e527f4b/src/schema/models/models/minist\
ral-3-14b-25-12.tshttps://github.com/mistralai/platform-docs-public/blob/222f4ba9114f84ce9f2d718\
b9a12fbac1e527f4b/src/schema/models/models/ministral-3-3b-25-12.tshttps://github.com/mistralai/p\
latform-docs-public/blob/222f4ba9114f84ce9f2d718b9a12fbac1e527f4b/src/schema/models/models/minis\
tral-3-8b-25-12.tshttps://github.com/mistralai/platform-docs-public/blob/222f4ba9114f84ce9f2d718\
b9a12fbac1e527f4b/src/schema/models/models/ministral-3b-24-1.tshttps://github.com/mistralai/plat\
form-docs-public/blob/222f4ba9114f84ce9f2d718b9a12fbac1e527f4b/src/schema/models/models/ministra\
l-8b-24-1.tshttps://github.com/mistralai/platform-docs-public/blob/222f4ba9114f84ce9f2d718b9a12f\
bac1e527f4b/src/schema/models/models/mistral-embed-23-12.tshttps://github.com/mistralai/platform\
-docs-public/blob/222f4ba9114f84ce9f2d718b9a12fbac1e527f4b/src/schema/models/models/mistral-larg\
e-2-1-24-11.tshttps://github.com/mistralai/platform-docs-public/blob/222f4ba9114f84ce9f2d718b9a1\
2fbac1e527f4b/src/schema/models/models/mistral-large-3-25-12.tshttps://github.com/mistralai/plat\
form-docs-public/blob/222f4ba9114f84ce9f2d718b9a12fbac1e527f4b/src/schema/models/models/mistral-\
medium-3-1-25-08.tshttps://github.com/mistralai/platform-docs-public/blob/222f4ba9114f84ce9f2d71\
8b9a12fbac1e527f4b/src/schema/models/models/mistral-medium-3-25-05.tshttps://github.com/mistrala\
i/platform-docs-public/blob/222f4ba9114f84ce9f2d718b9a12fbac1e527f4b/src/schema/models/models/mi\
stral-medium-3-5-26-04.tshttps://github.com/mistralai/platform-docs-public/blob/222f4ba9114f84ce\
9f2d718b9a12fbac1e527f4b/src/schema/models/models/mistral-moderation-24-11.tshttps://github.com/\
mistralai/platform-docs-public/blob/222f4ba9114f84ce9f2d718b9a12fbac1e527f4b/src/schema/models/m\
odels/mistral-moderation-26-03.tshttps://github.com/mistralai/platform-docs-public/blob/222f4ba9\
114f84ce9f2d718b9a12fbac1e527f4b/src/schema/models/models/mistral-nemo-12b-24-07.tshttps://githu\
b.com/mistralai/platform-docs-public/blob/222f4ba9114f84ce9f2d718b9a12fbac1e527f4b/src/schema/mo\
dels/models/mistral-small-3-2-25-06.tshttps://github.com/mistralai/platform-docs-public/blob/222\
f4ba9114f84ce9f2d718b9a12fbac1e527f4b/src/schema/models/models/mistral-small-4-0-26-03.tshttps:/\
/github.com/mistralai/platform-docs-public/blob/222f4ba9114f84ce9f2d718b9a12fbac1e527f4b/src/sch\
ema/models/models/mistral-small-creative-25-12.tshttps://github.com/mistralai/platform-docs-publ\
ic/blob/222f4ba9114f84ce9f2d718b9a12fbac1e527f4b/src/schema/models/models/ocr-25-03.tshttps://gi\
thub.com/mistralai/platform-docs-public/blob/222f4ba9114f84ce9f2d718b9a12fbac1e527f4b/src/schema\
/models/models/ocr-2-25-05.tshttps://github.com/mistralai/platform-docs-public/blob/222f4ba9114f\
84ce9f2d718b9a12fbac1e527f4b/src/schema/models/models/ocr-3-25-12.tshttps://github.com/mistralai\
/platform-docs-public/blob/222f4ba9114f84ce9f2d718b9a12fbac1e527f4b/src/schema/models/models/ocr\
-4-0.tshttps://github.com/mistralai/platform-docs-public/blob/222f4ba9114f84ce9f2d718b9a12fbac1e\
527f4b/src/schema/models/models/ocr-4-1.tshttps://github.com/mistralai/platform-docs-public/blob\
/222f4ba9114f84ce9f2d718b9a12fbac1e527f4b/src/schema/models/models/pixtral-12b-24-09.tshttps://g\
ithub.com/mistralai/platform-docs-public/blob/222f4ba9114f84ce9f2d718b9a12fbac1e527f4b/src/schem\
a/models/models/pixtral-large-24-11.tshttps://github.com/mistralai/platform-docs-public/blob/222\
f4ba9114f84ce9f2d718b9a12fbac1e527f4b/src/schema/models/models/voxtral-mini-25-07.tshttps://gith\
ub.com/mistralai/platform-docs-public/blob/222f4ba9114f84ce9f2d718b9a12fbac1e527f4b/src/schema/m\
odels/models/voxtral-mini-transcribe-26-02.tshttps://github.com/mistralai/platform-docs-public/b\
lob/222f4ba9114f84ce9f2d718b9a12fbac1e527f4b/src/schema/models/models/voxtral-mini-transcribe-re\
altime-26-02.tshttps://github.com/mistralai/platform-docs-public/blob/222f4ba9114f84ce9f2d718b9a\
12fbac1e527f4b/src/schema/models/models/voxtral-small-25-07.tshttps://github.com/mistralai/platf\
orm-docs-public/blob/222f4ba9114f84ce9f2d718b9a12fbac1e527f4b/src/schema/models/models/voxtral-t\
ts-26-03.tshttps://github.com/mistralai/platform-docs-public/blob/222f4ba9114f84ce9f2d718b9a12fb\
ac1e527f4b/src/schema/models/models/zai-glm-5-2.tscodestral-latestcodestral-2508codestral-embed-\
2505devstral-latestdevstral-medium-latestdevstral-2512devstral-medium-2507devstral-small-2507dev\
stral-small-latestlabs-devstral-small-2512labs-leanstral-1-5labs-mistral-small-creativemagistral\
-medium-latestmagistral-medium-2509magistral-small-latestmagistral-small-2509ministral-14b-lates\
tministral-14b-2512ministral-3b-2410ministral-3b-latestministral-3b-2512ministral-8b-2410ministr\
al-8b-latestministral-8b-2512mistral-embed-2312mistral-large-2411mistral-large-latestmistral-lar\
ge-2512mistral-medium-2505mistral-medium-2508mistral-medium-latestmistral-moderation-2411mistral\
-moderation-2603mistral-ocr-2503mistral-ocr-2505mistral-ocr-2512mistral-ocr-4-0mistral-ocr-lates\
tmistral-ocr-4-1mistral-small-2506mistral-small-latestmistral-small-2603open-mistral-nemoopen-mi\
stral-nemo-2407pixtral-12b-2409pixtral-large-latestpixtral-large-2411voxtral-mini-2507voxtral-mi\
ni-latestvoxtral-mini-2602voxtral-mini-transcribe-realtime-latestvoxtral-mini-transcribe-realtim\
e-2602voxtral-mini-tts-latestvoxtral-mini-tts-2603voxtral-small-latestvoxtral-small-2507moonshot\
https://www.chatbase.co/blog/kimi-k2-apihttps://github.com/simonw/llm-prices/blob/723ef0bd3a6254\
436e9fe8d7f05d4d787e99f4c5/data/moonshot-ai.jsonhttps://github.com/anomalyco/models.dev/blob/f3f\
c692299671838c7c65fd8126bf84d81a2e817/providers/moonshotai/modelshttps://docs.openclaw.ai/es/pro\
viders/moonshot.mdhttps://github.com/getagentseal/codeburn/pull/709kimi-k2-0905-previewkimi-k2-t\
hinkingkimi-k2-thinking-turbokimi-k2-turbo-previewkimi-k2.6kimi-k2.7-codekimi-k3https://develope\
rs.openai.com/api/docs/models/compare?model=gpt-realtimehttps://developers.openai.com/api/docs/m\
odels/gpt-4o-audio-previewhttps://developers.openai.com/api/docs/models/gpt-4o-mini-audio-previe\
w.mdhttps://developers.openai.com/api/docs/models/compare.mdhttps://developers.openai.com/api/do\
cs/models/text-embedding-3-largehttps://developers.openai.com/api/docs/models/gpt-3.5-turbo.mdht\
tps://developers.openai.com/api/docs/models/gpt-4.mdhttps://github.com/langchain-ai/langchain/co\
mmit/3894b4d9a57989f155e79a6dddfdb376bdeffd6b.patchhttps://developers.openai.com/api/docs/models\
/gpt-4-turbo.mdhttps://developers.openai.com/api/docs/models/gpt-4-turbo-preview.mdhttps://hex.p\
m/packages/openai_responses/0.4.1/files/lib/responses/pricing.exhttps://developers.openai.com/ap\
i/docs/models/gpt-5-codexhttps://developers.openai.com/api/docs/models/gpt-5-nano.mdhttps://deve\
lopers.openai.com/api/docs/models/gpt-3.5-turbo-instruct.mdhttps://github.com/simonw/llm-prices/\
blob/723ef0bd3a6254436e9fe8d7f05d4d787e99f4c5/data/openai.jsonhttps://developers.openai.com/api/\
docs/models/gpt-5.6-lunahttps://developers.openai.com/docs/modelshttps://github.com/anomalyco/mo\
dels.dev/blob/f3fc692299671838c7c65fd8126bf84d81a2e817/providers/openai/modelshttps://openai.com\
/api-priority-processing/https://developers.openai.com/api/docs/models/gpt-realtime-1.5.mdhttps:\
//developers.openai.com/api/docs/models/gpt-4o-realtime-previewhttps://developers.openai.com/api\
/docs/models/gpt-4o-mini-realtime-preview.mdhttps://developers.openai.com/api/docs/models/compar\
e?model=gpt-4o-mini-transcribecodex-mini-latestgpt-3.5-turbo-0125gpt-4-0613gpt-4-1106-previewgpt\
-4-0125-previewgpt-4o-2024-05-13gpt-5.2-progpt-5.5-progpt-5.6-solgpt-5.6-terragpt-6-astragpt-ima\
ge-2o4-mini-deep-researchperplexityhttps://wavespeed.ai/pt/llm/perplexity/sonar-prohttps://waves\
peed.ai/zh-CN/llm/perplexity/sonar-reasoning-prohttps://opencode.ai/data/perplexity/sonar.mdsimu\
latordocs/reference/simulator.md*vertexhttps://docs.cloud.google.com/gemini-enterprise-agent-pla\
tform/models/partner-models/claude/fable-5https://docs.cloud.google.com/gemini-enterprise-agent-\
platform/models/partner-models/claude/haiku-4-5https://docs.cloud.google.com/gemini-enterprise-a\
gent-platform/models/partner-models/claude/opus-4https://docs.cloud.google.com/gemini-enterprise\
-agent-platform/models/partner-models/claude/opus-4-1https://docs.cloud.google.com/gemini-enterp\
rise-agent-platform/models/partner-models/claude/opus-4-5https://docs.cloud.google.com/gemini-en\
terprise-agent-platform/models/partner-models/claude/opus-4-6https://docs.cloud.google.com/gemin\
i-enterprise-agent-platform/models/partner-models/claude/opus-4-7https://docs.cloud.google.com/g\
emini-enterprise-agent-platform/models/partner-models/claude/opus-4-8https://docs.cloud.google.c\
om/gemini-enterprise-agent-platform/models/partner-models/claude/opus-5https://docs.cloud.google\
.com/gemini-enterprise-agent-platform/models/partner-models/claude/sonnet-4https://docs.cloud.go\
ogle.com/gemini-enterprise-agent-platform/models/partner-models/claude/sonnet-4-5https://docs.cl\
oud.google.com/gemini-enterprise-agent-platform/models/partner-models/claude/sonnet-4-6https://d\
ocs.cloud.google.com/gemini-enterprise-agent-platform/models/partner-models/claude/sonnet-5https\
://docs.cloud.google.com/gemini-enterprise-agent-platform/models/partner-models/mistral/codestra\
l-2https://docs.cloud.google.com/gemini-enterprise-agent-platform/models/maas/deepseek/deepseek-\
ocrhttps://docs.cloud.google.com/gemini-enterprise-agent-platform/models/maas/deepseek/r1-0528ht\
tps://docs.cloud.google.com/gemini-enterprise-agent-platform/models/maas/deepseek/deepseek-v31ht\
tps://docs.cloud.google.com/gemini-enterprise-agent-platform/models/maas/deepseek/deepseek-v32ht\
tps://docs.cloud.google.com/gemini-enterprise-agent-platform/models/gemini/3-1-flash-lite-imageh\
ttps://docs.cloud.google.com/gemini-enterprise-agent-platform/models/gemini/2-5-flash-live-apiht\
tps://docs.cloud.google.com/gemini-enterprise-agent-platform/models/gemini/omni-flash-previewhtt\
ps://docs.cloud.google.com/gemini-enterprise-agent-platform/models/maas/google/gemma-4-26b-a4b-i\
thttps://docs.cloud.google.com/gemini-enterprise-agent-platform/models/maas/zaiorg/glm-47https:/\
/docs.cloud.google.com/gemini-enterprise-agent-platform/models/maas/zaiorg/glm-5https://docs.clo\
ud.google.com/gemini-enterprise-agent-platform/models/maas/openai/gpt-oss-120bhttps://docs.cloud\
.google.com/gemini-enterprise-agent-platform/models/maas/openai/gpt-oss-20bhttps://docs.cloud.go\
ogle.com/gemini-enterprise-agent-platform/models/partner-models/grok/grok-4-1-fasthttps://docs.c\
loud.google.com/gemini-enterprise-agent-platform/models/partner-models/grok/grok-4-20https://doc\
s.cloud.google.com/gemini-enterprise-agent-platform/models/partner-models/grok/grok-4-3https://d\
ocs.cloud.google.com/gemini-enterprise-agent-platform/models/partner-models/grok/grok-4-6https:/\
/docs.cloud.google.com/gemini-enterprise-agent-platform/models/maas/kimi/kimi-k2-thinkinghttps:/\
/docs.cloud.google.com/gemini-enterprise-agent-platform/models/partner-models/llama/llama3-3http\
s://docs.cloud.google.com/gemini-enterprise-agent-platform/models/partner-models/llama/llama4-ma\
verickhttps://docs.cloud.google.com/gemini-enterprise-agent-platform/models/partner-models/llama\
/llama4-scouthttps://docs.cloud.google.com/gemini-enterprise-agent-platform/models/maas/minimax/\
minimax-m2https://docs.cloud.google.com/gemini-enterprise-agent-platform/models/partner-models/m\
istral/mistral-medium-3https://docs.cloud.google.com/gemini-enterprise-agent-platform/models/par\
tner-models/mistral/mistral-ocrhttps://docs.cloud.google.com/gemini-enterprise-agent-platform/mo\
dels/partner-models/mistral/mistral-small-3-1https://docs.cloud.google.com/gemini-enterprise-age\
nt-platform/models/maas/e5/multilingual-e5-largehttps://docs.cloud.google.com/gemini-enterprise-\
agent-platform/models/maas/e5/multilingual-e5-smallhttps://docs.cloud.google.com/gemini-enterpri\
se-agent-platform/models/maas/qwen/qwen3-235bhttps://docs.cloud.google.com/gemini-enterprise-age\
nt-platform/models/maas/qwen/qwen3-coderhttps://docs.cloud.google.com/gemini-enterprise-agent-pl\
atform/models/maas/qwen/qwen3-next-instructhttps://docs.cloud.google.com/gemini-enterprise-agent\
-platform/models/maas/qwen/qwen3-next-thinkingdeepseek-ocr-maasdeepseek-r1-0528-maasdeepseek-v3.\
1-maasdeepseek-v3.2-maasgemini-3.1-flash-lite-imagegemini-embedding-001gemini-live-2.5-flash-nat\
ive-audiogemini-omni-flash-previewgemma-4-26b-a4b-it-maasglm-4.7-maasglm-5-maasgpt-oss-120b-maas\
gpt-oss-20b-maasgrok-4.1-fast-reasoninggrok-4.20-reasoninggrok-4.3grok-4.6kimi-k2-thinking-maasl\
lama-3.3-70b-instruct-maasllama-4-maverick-17b-128e-instruct-maasllama-4-scout-17b-16e-instruct-\
maasminimax-m2-maasmistral-small-2503multilingual-e5-large-instruct-maasmultilingual-e5-small-ma\
asmultimodalembedding@001qwen3-235b-a22b-instruct-2507-maasqwen3-coder-480b-a35b-instruct-maasqw\
en3-next-80b-a3b-instruct-maasqwen3-next-80b-a3b-thinking-maastext-embedding-004text-embedding-0\
05text-multilingual-embedding-002xaihttps://github.com/Zoo-Code-Org/Zoo-Code/issues/866https://d\
ocs.apiyi.com/models/grok-4-6.mdhttps://github.com/simonw/llm-prices/blob/723ef0bd3a6254436e9fe8\
d7f05d4d787e99f4c5/data/xai.jsonhttps://docs.apiyi.com/en/api-capabilities/grok/overviewgrok-3gr\
ok-3-minigrok-4-fastgrok-4.20-0309-non-reasoninggrok-4.20-0309-reasoninggrok-4.20-multi-agent-03\
09grok-4.5grok-build-0.1grok-code-fast-1zhipuhttps://www.getmaxim.ai/bifrost/model-library/compa\
re/zai/glm-5https://wavespeed.ai/zh-CN/llm/z-ai/glm-5.2https://dev.to/owen_fox/glm-53-api-pricin\
g-endpoints-and-reasoningeffort-40oaglm-5.3\
";
