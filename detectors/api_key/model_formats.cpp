// Model providers of both countries, and tools around models.
#include "detectors/api_key/formats.h"
#include "detectors/values/token.h"

#include <array>

namespace menshen::detectors::api_key {
namespace {

using namespace token_set;
using namespace types;

bool is_zhipu_like(std::string_view key) { return has_parts(key, {32, 32, 32}); }

constexpr auto models = std::to_array<Format>({
    {&anthropic, "sk-ant-api03-", url_safe, 95, 95, 0.98F},
    {&anthropic, "sk-ant-admin01-", url_safe, 95, 95, 0.98F},
    {&anthropic, "sk-ant-oat01-", url_safe, 90, 100, 0.98F},
    {&anthropic, "sk-ant-ort01-", url_safe, 90, 100, 0.98F},
    {&anthropic, "sk-ant-sid01-", url_safe, 80, 120, 0.98F},
    {&anthropic, "sk-ant-", url_safe, 24, 0, 0.97F},
    {&openai, "sk-proj-", url_safe, 20, 0, 0.97F},
    {&openai, "sk-svcacct-", url_safe, 20, 0, 0.97F},
    {&openai, "sk-admin-", url_safe, 20, 0, 0.97F},
    {&openai, "sess-", alnum, 40, 40, 0.9F},
    {&llm, "sk-or-v1-", hex, 64, 64, 0.97F},   // OpenRouter
    {&llm, "sk-kimi-", alnum, 48, 80, 0.97F},  // Moonshot
    {&llm, "sk-helicone-", alnum | dash, 31, 31, 0.95F},
    {&llm, "sk-lf-", hex | dash, 36, 36, 0.95F},  // Langfuse
    {&llm, "sk-", alnum, 32, 64, 0.85F},
    {&llm, "gsk_", alnum, 48, 64, 0.95F},              // Groq
    {&llm, "xai-", alnum, 70, 100, 0.95F},             // xAI
    {&llm, "pplx-", alnum, 40, 64, 0.95F},             // Perplexity
    {&llm, "r8_", alnum, 37, 40, 0.95F},               // Replicate
    {&llm, "tgp_v1_", url_safe, 43, 43, 0.97F},        // Together
    {&llm, "fw_", alnum, 22, 24, 0.9F},                // Fireworks
    {&llm, "nvapi-", url_safe, 60, 70, 0.97F},         // NVIDIA
    {&llm, "csk-", alnum, 48, 48, 0.95F},              // Cerebras
    {&llm, "tvly-dev-", alnum | dash, 32, 60, 0.95F},  // Tavily
    {&llm, "tvly-", alnum, 32, 36, 0.95F},
    {&llm, "lsv2_pt_", hex | underscore, 43, 43, 0.97F},  // LangSmith
    {&llm, "lsv2_sk_", hex | underscore, 43, 43, 0.97F},
    {&llm, "ls__", hex, 32, 32, 0.9F},
    {&llm, "jina_", url_safe, 55, 65, 0.95F},
    {&llm, "pa-", url_safe, 43, 43, 0.8F},  // Voyage
    {&llm, "app-", alnum, 24, 24, 0.7F},    // Dify
    {&llm, "dataset-", alnum, 24, 24, 0.8F},
    {&llm, "e2b_", hex, 40, 40, 0.97F},
    {&llm, "fc-", hex, 32, 32, 0.9F},             // Firecrawl
    {&llm, "bb_live_", url_safe, 24, 40, 0.95F},  // Browserbase
    {&llm, "pcsk_", name, 60, 80, 0.97F},         // Pinecone
    {&llm, "sk_", hex, 48, 48, 0.95F},            // ElevenLabs
    {&llm, "ak-", alnum, 22, 22, 0.85F},          // Modal
    {&llm, "as-", alnum, 22, 22, 0.85F},
    {&llm, "rpa_", alnum, 40, 48, 0.95F},                       // RunPod
    {&llm, "esecret_", alnum, 24, 40, 0.95F},                   // Anyscale
    {&llm, "m0-", alnum, 40, 40, 0.95F},                        // Mem0
    {&llm, "cpk_", alnum | dot, 98, 98, 0.97F, is_zhipu_like},  // Chutes
    {&llm, "pylf_v1_us_", alnum, 43, 43, 0.97F},                // Logfire
    {&llm, "pylf_v1_eu_", alnum, 43, 43, 0.97F},
    {&llm, "phx_", alnum, 40, 52, 0.95F},           // PostHog
    {&llm, "ABSK", alnum | base64, 100, 0, 0.95F},  // Amazon Bedrock
    {&llm, "bedrock-api-key-", alnum | base64, 100, 0, 0.95F},
    {&llm, "pat_", alnum, 64, 64, 0.95F},                    // Coze
    {&llm, "ms-", hex | dash, 36, 36, 0.9F},                 // ModelScope
    {&llm, "bce-v3/ALTAK-", alnum | base64, 60, 64, 0.97F},  // Baidu Qianfan
    {&huggingface, "hf_", alnum, 34, 40, 0.95F, nullptr, true},
    {&huggingface, "api_org_", alnum, 34, 34, 0.95F, nullptr, true},
    {&google, "AIza", url_safe, 35, 35, 0.97F},
    {&google, "AQ.Ab8R", url_safe, 40, 60, 0.95F},
});

}  // namespace

std::span<const Format> model_formats() noexcept { return models; }

}  // namespace menshen::detectors::api_key
