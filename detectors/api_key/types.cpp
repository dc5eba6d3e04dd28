#include "detectors/api_key/formats.h"

#include <array>

namespace menshen::detectors::api_key {

using core::Category;
using core::FindingType;

namespace types {
constinit const FindingType openai{
    "openai_api_key", Category::secret, "OPENAI_API_KEY",
    "OpenAI key: sk-proj-, sk-svcacct-, sk-admin-, or sk- with T3BlbkFJ."};
constinit const FindingType anthropic{"anthropic_api_key", Category::secret, "ANTHROPIC_API_KEY",
                                      "Anthropic key: sk-ant-."};
constinit const FindingType llm{
    "llm_api_key", Category::secret, "LLM_API_KEY",
    "Keys of model providers and of the tools around them: sk- and 32 to 64 letters or digits "
    "(DeepSeek, Qwen, Moonshot, ...), OpenRouter, Groq, xAI, Perplexity, Replicate, Together, "
    "NVIDIA, Zhipu, Baidu, ByteDance and others."};
constinit const FindingType github{"github_token", Category::secret, "GITHUB_TOKEN",
                                   "GitHub token: ghp_, gho_, ghu_, ghs_, ghr_, github_pat_."};
constinit const FindingType gitlab{"gitlab_token", Category::secret, "GITLAB_TOKEN",
                                   "GitLab token: glpat-, gldt-, glrt-, glptt-, glcbt-, glsoat-, "
                                   "glft-, gloas-, glagent- and others."};
constinit const FindingType google{"google_api_key", Category::secret, "GOOGLE_API_KEY",
                                   "Google key: AIza and 35 characters, GOCSPX-, ya29., 1//0."};
constinit const FindingType slack{
    "slack_token", Category::secret, "SLACK_TOKEN",
    "Slack token: xoxb-, xoxp-, xoxa-, xoxr-, xoxs-, xoxe-, xapp-; webhook addresses."};
constinit const FindingType stripe{"stripe_api_key", Category::secret, "STRIPE_API_KEY",
                                   "Stripe key: sk_live_, rk_live_, sk_test_, rk_test_, whsec_."};
constinit const FindingType huggingface{
    "huggingface_token", Category::secret, "HUGGINGFACE_TOKEN",
    "Hugging Face token: hf_ or api_org_ and 34 letters or digits."};
constinit const FindingType aliyun{
    "aliyun_access_key", Category::secret, "ALIYUN_ACCESS_KEY",
    "Alibaba Cloud access key id: LTAI and 12 to 26 letters or digits; STS. of sessions."};
constinit const FindingType tencent{"tencent_secret_id", Category::secret, "TENCENT_SECRET_ID",
                                    "Tencent Cloud secret id: AKID and 32 letters or digits."};
constinit const FindingType azure{
    "azure_key", Category::secret, "AZURE_KEY",
    "Azure keys with the mark of their service (storage, Cosmos DB, Service Bus, DevOps and "
    "others), and client secrets of Entra ID."};
constinit const FindingType other{
    "provider_api_key", Category::secret, "PROVIDER_API_KEY",
    "Keys of some hundred further services, by their prefixes or marks."};
}  // namespace types

namespace {
using namespace types;
constexpr std::array all{&openai, &anthropic,   &llm,    &github,  &gitlab, &google, &slack,
                         &stripe, &huggingface, &aliyun, &tencent, &azure,  &other};
}  // namespace

std::span<const FindingType* const> all_types() noexcept { return all; }

const std::vector<Format>& formats() {
  static const std::vector<Format> rows = [] {
    std::vector<Format> list;
    for (const auto table :
         {model_formats(), source_formats(), cloud_formats(), service_formats(), trade_formats()}) {
      list.insert(list.end(), table.begin(), table.end());
    }
    return list;
  }();
  return rows;
}

bool has_parts(std::string_view key, std::initializer_list<std::size_t> bytes) noexcept {
  std::size_t at = 0;
  std::size_t part = 0;
  for (const std::size_t size : bytes) {
    const std::size_t dot = key.find('.', at);
    const std::size_t end = dot == key.npos ? key.size() : dot;
    const bool last = ++part == bytes.size();
    if (end - at != size || last != (dot == key.npos)) return false;
    at = end + 1;
  }
  return true;
}

}  // namespace menshen::detectors::api_key
