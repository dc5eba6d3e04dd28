#include "detectors/api_key/formats.h"

#include "detectors/values/token.h"

#include <array>

namespace menshen::detectors::api_key {
namespace {

using core::Category;
using core::FindingType;
using namespace token_set;

constexpr FindingType openai{"openai_api_key", Category::secret, "OPENAI_API_KEY",
                             "OpenAI key: sk-proj-, sk-svcacct-, sk-admin-, or sk- with T3BlbkFJ."};
constexpr FindingType anthropic{"anthropic_api_key", Category::secret, "ANTHROPIC_API_KEY",
                                "Anthropic key: sk-ant-."};
constexpr FindingType llm{
    "llm_api_key", Category::secret, "LLM_API_KEY",
    "Keys of model providers: sk- and 32 to 64 letters or digits (DeepSeek, Qwen, "
    "Moonshot, ...), sk-or-v1-, gsk_, xai-, pplx-, r8_."};
constexpr FindingType github{"github_token", Category::secret, "GITHUB_TOKEN",
                             "GitHub token: ghp_, gho_, ghu_, ghs_, ghr_, github_pat_."};
constexpr FindingType gitlab{"gitlab_token", Category::secret, "GITLAB_TOKEN",
                             "GitLab token: glpat-, gldt-, glrt-, glptt-, glcbt-, glsoat-, glft-."};
constexpr FindingType google{"google_api_key", Category::secret, "GOOGLE_API_KEY",
                             "Google key: AIza and 35 characters, GOCSPX-, ya29."};
constexpr FindingType slack{
    "slack_token", Category::secret, "SLACK_TOKEN",
    "Slack token: xoxb-, xoxp-, xoxa-, xoxr-, xoxs-, xoxe-, xapp-; webhook addresses."};
constexpr FindingType stripe{"stripe_api_key", Category::secret, "STRIPE_API_KEY",
                             "Stripe key: sk_live_, rk_live_, sk_test_, rk_test_, whsec_."};
constexpr FindingType huggingface{"huggingface_token", Category::secret, "HUGGINGFACE_TOKEN",
                                  "Hugging Face token: hf_ or api_org_ and 34 letters or digits."};
constexpr FindingType aliyun{"aliyun_access_key", Category::secret, "ALIYUN_ACCESS_KEY",
                             "Alibaba Cloud access key id: LTAI and 12 to 26 letters or digits."};
constexpr FindingType tencent{"tencent_secret_id", Category::secret, "TENCENT_SECRET_ID",
                              "Tencent Cloud secret id: AKID and 32 letters or digits."};
constexpr FindingType other{"provider_api_key", Category::secret, "PROVIDER_API_KEY",
                            "Keys of some thirty further services, by their prefixes."};

constexpr std::uint8_t name = alnum | underscore;
constexpr std::uint8_t dashed = alnum | dash;

constexpr auto table = std::to_array<Format>({
    {&anthropic, "sk-ant-", url_safe, 24, 0, 0.97F},
    {&openai, "sk-proj-", url_safe, 20, 0, 0.97F},
    {&openai, "sk-svcacct-", url_safe, 20, 0, 0.97F},
    {&openai, "sk-admin-", url_safe, 20, 0, 0.97F},
    {&llm, "sk-or-v1-", hex, 64, 64, 0.97F},
    {&llm, "sk-", alnum, 32, 64, 0.85F},
    {&llm, "gsk_", alnum, 48, 64, 0.95F},
    {&llm, "xai-", alnum, 70, 100, 0.95F},
    {&llm, "pplx-", alnum, 40, 64, 0.95F},
    {&llm, "r8_", alnum, 37, 40, 0.95F},
    {&github, "github_pat_", name, 82, 82, 0.98F},
    {&github, "ghp_", alnum, 36, 36, 0.98F},
    {&github, "gho_", alnum, 36, 36, 0.98F},
    {&github, "ghu_", alnum, 36, 36, 0.98F},
    {&github, "ghs_", alnum, 36, 36, 0.98F},
    {&github, "ghr_", alnum, 36, 76, 0.98F},
    {&gitlab, "glpat-", url_safe | dot, 20, 0, 0.97F},
    {&gitlab, "glptt-", url_safe, 40, 0, 0.97F},
    {&gitlab, "gldt-", url_safe, 20, 0, 0.97F},
    {&gitlab, "glrt-", url_safe | dot, 20, 0, 0.97F},
    {&gitlab, "glcbt-", url_safe, 20, 0, 0.97F},
    {&gitlab, "glsoat-", url_safe, 20, 0, 0.97F},
    {&gitlab, "glft-", url_safe, 20, 0, 0.97F},
    {&gitlab, "glimt-", url_safe, 20, 0, 0.97F},
    {&gitlab, "GR1348941", url_safe, 20, 0, 0.95F},
    {&google, "AIza", url_safe, 35, 35, 0.97F},
    {&google, "GOCSPX-", url_safe, 28, 28, 0.97F},
    {&google, "ya29.", url_safe | dot, 40, 0, 0.95F},
    {&slack, "xoxb-", dashed, 20, 0, 0.97F},
    {&slack, "xoxp-", dashed, 20, 0, 0.97F},
    {&slack, "xoxa-", dashed, 20, 0, 0.97F},
    {&slack, "xoxr-", dashed, 20, 0, 0.97F},
    {&slack, "xoxs-", dashed, 20, 0, 0.97F},
    {&slack, "xoxe-", dashed, 20, 0, 0.97F},
    {&slack, "xoxe.xoxp-", dashed, 20, 0, 0.97F},
    {&slack, "xapp-", dashed, 30, 0, 0.97F},
    {&slack, "hooks.slack.com/services/", alnum | base64, 40, 60, 0.95F},
    {&slack, "hooks.slack.com/workflows/", alnum | base64, 40, 90, 0.95F},
    {&stripe, "sk_live_", alnum, 16, 0, 0.98F},
    {&stripe, "rk_live_", alnum, 16, 0, 0.98F},
    {&stripe, "sk_test_", alnum, 16, 0, 0.9F},
    {&stripe, "rk_test_", alnum, 16, 0, 0.9F},
    {&stripe, "whsec_", alnum | base64, 32, 64, 0.95F},
    {&huggingface, "hf_", alnum, 34, 40, 0.95F},
    {&huggingface, "api_org_", alnum, 34, 34, 0.95F},
    {&aliyun, "LTAI", alnum, 12, 26, 0.9F},
    {&tencent, "AKID", alnum, 28, 36, 0.9F},
    {&other, "msk_", name, 47, 47, 0.98F},  // of this gateway
    {&other, "npm_", alnum, 36, 36, 0.97F},
    {&other, "pypi-AgE", url_safe, 50, 0, 0.98F},
    {&other, "SG.", url_safe | dot, 60, 70, 0.95F},
    {&other, "shpat_", hex | upper, 32, 32, 0.97F},
    {&other, "shpca_", hex | upper, 32, 32, 0.97F},
    {&other, "shppa_", hex | upper, 32, 32, 0.97F},
    {&other, "shpss_", hex | upper, 32, 32, 0.97F},
    {&other, "dop_v1_", hex, 64, 64, 0.98F},
    {&other, "doo_v1_", hex, 64, 64, 0.98F},
    {&other, "dor_v1_", hex, 64, 64, 0.98F},
    {&other, "dapi", hex, 32, 34, 0.9F},
    {&other, "hvs.", url_safe, 24, 0, 0.95F},
    {&other, "hvb.", url_safe, 60, 0, 0.95F},
    {&other, "sgp_", name, 40, 60, 0.95F},
    {&other, "ntn_", alnum, 40, 50, 0.95F},
    {&other, "lin_api_", alnum, 40, 40, 0.97F},
    {&other, "PMAK-", hex | dash, 59, 59, 0.97F},
    {&other, "dp.pt.", alnum, 40, 44, 0.97F},
    {&other, "pscale_tkn_", url_safe | dot, 32, 64, 0.97F},
    {&other, "pscale_pw_", url_safe | dot, 32, 64, 0.97F},
    {&other, "glsa_", name, 41, 41, 0.97F},
    {&other, "glc_", alnum | base64, 32, 0, 0.9F},
    {&other, "NRAK-", alnum, 27, 27, 0.97F},
    {&other, "sq0atp-", url_safe, 22, 22, 0.95F},
    {&other, "sq0csp-", url_safe, 43, 43, 0.95F},
    {&other, "figd_", url_safe, 40, 0, 0.95F},
    {&other, "pul-", hex, 40, 40, 0.95F},
    {&other, "rdme_", alnum, 70, 70, 0.95F},
    {&other, "pnu_", alnum, 36, 36, 0.95F},
    {&other, "ops_eyJ", url_safe | base64, 250, 0, 0.98F},
    {&other, "AKCp", alnum, 69, 69, 0.95F},
    {&other, "SK", hex, 32, 32, 0.85F},
    {&other, "EAAC", alnum, 80, 0, 0.9F},
    {&other, "EAAM", alnum, 80, 0, 0.9F},
    {&other, "ABSK", alnum | base64, 100, 0, 0.95F},
    {&other, "API-", digits | upper, 26, 26, 0.85F},
    {&other, "fo1_", url_safe, 43, 43, 0.95F},
});

constexpr std::array all_types{&openai, &anthropic, &llm,         &github, &gitlab,  &google,
                               &slack,  &stripe,    &huggingface, &aliyun, &tencent, &other};

constexpr auto all_prefixes = [] {
  std::array<std::string_view, table.size()> list;
  for (std::size_t i = 0; i < list.size(); ++i) list[i] = table[i].prefix;
  return list;
}();

}  // namespace

std::span<const Format> formats() noexcept { return table; }
std::span<const core::FindingType* const> types() noexcept { return all_types; }
const core::FindingType& openai_type() noexcept { return openai; }
std::span<const std::string_view> prefixes() noexcept { return all_prefixes; }

}  // namespace menshen::detectors::api_key
