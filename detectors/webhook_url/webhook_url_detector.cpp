#include "detectors/detector.h"
#include "detectors/values/boundary.h"
#include "detectors/values/placeholder.h"
#include "detectors/values/token.h"

#include <algorithm>
#include <array>

namespace menshen::detectors {
namespace {

using namespace token_set;

constexpr core::FindingType type{
    "webhook_url", core::Category::secret, "WEBHOOK_URL",
    "The secret part of a webhook's address: DingTalk, WeCom, Feishu and Lark, Discord, Teams, "
    "Webex, Zapier, Make, IFTTT, ServerChan, PushPlus, Bark (0.95)."};

struct Webhook {
  Anchor address;
  std::uint16_t set;
  std::size_t bytes_min;
  std::size_t bytes_max;
};

constexpr std::uint16_t uuid = hex | dash;

// As the services document their addresses, from where they look like no word of prose.
constexpr auto webhooks = std::to_array<Webhook>({
    {{"gtalk.com/robot/send?access_token=", false}, hex, 64, 64},
    {{"gtalk.com/v1.0/robot/oauth2/send?access_token=", false}, hex, 64, 64},
    {{"ixin.qq.com/cgi-bin/webhook/send?key=", false}, uuid, 36, 36},
    {{"ixin.qq.com/cgi-bin/webhook/upload_media?key=", false}, uuid, 36, 36},
    {{"hu.cn/open-apis/bot/v2/hook/", false}, uuid, 36, 36},
    {{"hu.cn/open-apis/bot/hook/", false}, alnum, 32, 36},
    {{"ksuite.com/open-apis/bot/v2/hook/", false}, uuid, 36, 36},
    {{"ksuite.com/open-apis/bot/hook/", false}, alnum, 32, 36},
    {{"d.com/api/webhooks/", false}, url_safe | base64, 80, 95},
    {{"dapp.com/api/webhooks/", false}, url_safe | base64, 80, 95},
    {{"/webhookb2/", false}, url_safe | base64 | at, 120, 190},
    {{".office.com/webhook/", false}, url_safe | base64 | at, 120, 190},
    {{"/webhooks/incoming/", false}, url_safe, 60, 120},
    {{"zapier.com/hooks/catch/", false}, alnum | base64, 10, 40},
    {{".make.com/", false}, alnum, 32, 32},
    {{"fttt.com/use/", false}, url_safe, 20, 50},
    {{"ftqq.com/", false}, alnum, 30, 60},
    {{"hplus.plus/send?token=", false}, hex, 32, 32},
    {{"i.day.app/", false}, alnum, 20, 24},
});

constexpr auto webhook_addresses = [] {
  std::array<Anchor, webhooks.size()> list{};
  for (std::size_t i = 0; i < list.size(); ++i) list[i] = webhooks[i].address;
  return list;
}();

class WebhookUrl final : public Detector {
 public:
  std::string_view name() const noexcept override { return "webhook_url"; }
  unsigned version() const noexcept override { return 1; }
  std::span<const core::FindingType* const> types() const noexcept override { return types_; }
  std::span<const Trigger> triggers() const noexcept override { return {}; }
  std::span<const Anchor> anchors() const noexcept override { return webhook_addresses; }

  core::Result<void> scan(const Window&, Matches&) const override { return {}; }
  core::Result<void> look(const AnchorWindow& window, Matches& matches) const override {
    const std::string_view text = window.text;
    const std::string_view address = text.substr(window.begin, window.end - window.begin);
    for (const Webhook& webhook : webhooks) {
      if (!equal_ignoring_case(address, webhook.address.text)) continue;
      std::size_t bytes = token_bytes(text, window.end, webhook.set);
      while (bytes > 0 && !is_alnum(text[window.end + bytes - 1])) --bytes;
      const std::size_t end = window.end + bytes;
      const std::string_view secret = text.substr(window.end, bytes);
      const bool goes_on = end < text.size() && is_alnum(text[end]);
      if (bytes < webhook.bytes_min || bytes > webhook.bytes_max || goes_on ||
          !looks_random(secret) || is_placeholder(secret) ||
          std::ranges::none_of(secret, is_digit)) {
        continue;
      }
      matches.add(type, window.end, end, 0.95F);
    }
    return {};
  }

 private:
  static constexpr std::array<const core::FindingType*, 1> types_{&type};
};

}  // namespace

const Detector& webhook_url_detector() {
  static const WebhookUrl detector;
  return detector;
}

}  // namespace menshen::detectors
