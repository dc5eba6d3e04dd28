// Chat, mail, documents, social networks and other services.
#include "detectors/api_key/formats.h"
#include "detectors/values/token.h"

#include <array>

namespace menshen::detectors::api_key {
namespace {

using namespace token_set;
using namespace types;

bool is_sendgrid(std::string_view key) { return has_parts(key, {22, 43}); }
bool is_resend(std::string_view key) { return key.find('_') == 8 && key.find('_', 9) == key.npos; }
bool is_airtable(std::string_view key) { return has_parts(key, {14, 64}); }

// A bot's number in base64, a time stamp, a code.
bool is_discord(std::string_view key) {
  const std::size_t first = key.find('.');
  if (first == key.npos || first < 20 || first > 26) return false;
  const std::size_t second = key.find('.', first + 1);
  if (second == key.npos || second - first != 7) return false;
  const std::size_t code = key.size() - second - 1;
  return code >= 27 && code <= 38 && key.find('.', second + 1) == key.npos;
}

constexpr auto services = std::to_array<Format>({
    {&slack, "xoxb-", dashed, 20, 0, 0.97F},
    {&slack, "xoxp-", dashed, 20, 0, 0.97F},
    {&slack, "xoxa-", dashed, 20, 0, 0.97F},
    {&slack, "xoxr-", dashed, 20, 0, 0.97F},
    {&slack, "xoxs-", dashed, 20, 0, 0.97F},
    {&slack, "xoxe-", dashed, 20, 0, 0.97F},
    {&slack, "xoxc-", dashed, 20, 0, 0.97F},
    {&slack, "xoxd-", dashed | base64 | percent, 60, 0, 0.95F},
    {&slack, "xoxe.xoxp-", dashed, 20, 0, 0.97F},
    {&slack, "xoxe.xoxb-", dashed, 20, 0, 0.97F},
    {&slack, "xapp-", dashed, 30, 0, 0.97F},
    {&slack, "hooks.slack.com/services/", alnum | base64, 40, 60, 0.95F},
    {&slack, "hooks.slack.com/workflows/", alnum | base64, 40, 90, 0.95F},
    {&slack, "hooks.slack.com/triggers/", alnum | base64, 40, 90, 0.95F},
    {&other, "MT", url_safe | dot, 55, 72, 0.95F, is_discord},
    {&other, "Mj", url_safe | dot, 55, 72, 0.95F, is_discord},
    {&other, "Mz", url_safe | dot, 55, 72, 0.95F, is_discord},
    {&other, "ND", url_safe | dot, 55, 72, 0.95F, is_discord},
    {&other, "NT", url_safe | dot, 55, 72, 0.95F, is_discord},
    {&other, "Nj", url_safe | dot, 55, 72, 0.95F, is_discord},
    {&other, "Nz", url_safe | dot, 55, 72, 0.95F, is_discord},
    {&other, "OD", url_safe | dot, 55, 72, 0.95F, is_discord},
    {&other, "OT", url_safe | dot, 55, 72, 0.95F, is_discord},
    {&other, "msk_", name, 47, 47, 0.98F},  // of this gateway
    {&other, "SG.", url_safe | dot, 66, 66, 0.97F, is_sendgrid},
    {&other, "key-", hex, 32, 32, 0.9F},                      // Mailgun
    {&other, "md-", url_safe, 22, 22, 0.85F},                 // Mandrill
    {&other, "xkeysib-", hex | alnum | dash, 81, 81, 0.98F},  // Brevo
    {&other, "xsmtpsib-", hex | alnum | dash, 81, 81, 0.98F},
    {&other, "re_", name, 30, 36, 0.95F, is_resend},  // Resend
    {&other, "SK", hex, 32, 32, 0.85F},               // Twilio
    {&other, "AC", hex, 32, 32, 0.85F},
    {&other, "pat-na1-", hex | dash, 36, 36, 0.97F},  // HubSpot
    {&other, "pat-eu1-", hex | dash, 36, 36, 0.97F},
    {&other, "pat", alnum | dot, 79, 79, 0.97F, is_airtable},
    {&other, "ntn_", alnum, 40, 50, 0.95F},  // Notion
    {&other, "secret_", alnum, 43, 43, 0.95F},
    {&other, "lin_api_", alnum, 40, 40, 0.97F},  // Linear
    {&other, "lin_oauth_", hex, 64, 64, 0.97F},
    {&other, "figd_", url_safe, 40, 0, 0.95F},         // Figma
    {&other, "sl.", url_safe, 120, 0, 0.9F},           // Dropbox
    {&other, "tfp_", name | dash, 59, 59, 0.97F},      // Typeform
    {&other, "CFPAT-", url_safe, 43, 43, 0.97F},       // Contentful
    {&other, "sk.eyJ", url_safe | dot, 60, 0, 0.95F},  // Mapbox
    {&other, "rdme_", alnum, 70, 70, 0.95F},           // ReadMe
    {&other, "aio_", alnum, 28, 28, 0.95F},            // Adafruit
    {&other, "p8e-", alnum, 32, 32, 0.95F},            // Adobe
    {&other, "EAAC", alnum, 80, 0, 0.9F},              // Meta
    {&other, "EAAM", alnum, 80, 0, 0.9F},
    {&other, "EAAG", alnum, 80, 0, 0.9F},
    {&other, "EAAB", alnum, 80, 0, 0.9F},
    {&other, "IGQV", url_safe, 100, 0, 0.9F},
    {&other, "AAAAAAAAAAAAAAAAAAAAA", alnum | percent, 60, 120, 0.9F},  // X
    {&other, "WPL_AP1.", alnum | dot, 16, 40, 0.95F},                   // LinkedIn
    {&other, "secret-live-", url_safe | base64, 36, 0, 0.95F},          // Stytch
    {&other, "secret-test-", url_safe | base64, 36, 0, 0.9F},
    {&other, "fio-u-", url_safe | base64, 64, 64, 0.97F},  // Frame.io
    {&other, "lip_", alnum, 20, 24, 0.9F},                 // Lichess
    {&other, "lio_", alnum, 20, 24, 0.9F},
    {&other, "plane_api_", hex, 32, 32, 0.97F},
    {&other, "cal_live_", hex, 32, 32, 0.97F},
    {&other, "rootly_", hex, 64, 64, 0.97F},
    {&other, "waka_", hex | dash, 36, 36, 0.95F},  // WakaTime
    {&other, "zpka_", name, 32, 60, 0.95F},        // Zuplo
    {&other, "sktsec_", name, 40, 60, 0.95F},      // Socket
    {&other, "KGAT_", hex, 32, 32, 0.97F},         // Kaggle
    {&other, "sm_pat_", alnum, 16, 16, 0.9F},      // SettleMint
    {&other, "sm_aat_", alnum, 16, 16, 0.9F},
    {&other, "sm_sat_", alnum, 16, 16, 0.9F},
});

}  // namespace

std::span<const Format> service_formats() noexcept { return services; }

}  // namespace menshen::detectors::api_key
