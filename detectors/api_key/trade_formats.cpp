// Payment, trade and banking.
#include "detectors/api_key/formats.h"
#include "detectors/values/token.h"

#include <array>

namespace menshen::detectors::api_key {
namespace {

using namespace token_set;
using namespace types;

constexpr auto trades = std::to_array<Format>({
    {&stripe, "sk_live_", alnum, 16, 0, 0.98F},
    {&stripe, "rk_live_", alnum, 16, 0, 0.98F},
    {&stripe, "sk_test_", alnum, 16, 0, 0.9F},
    {&stripe, "rk_test_", alnum, 16, 0, 0.9F},
    {&stripe, "whsec_", alnum | base64, 32, 64, 0.95F},
    {&other, "shpat_", hex | upper, 32, 32, 0.97F},  // Shopify
    {&other, "shpca_", hex | upper, 32, 32, 0.97F},
    {&other, "shppa_", hex | upper, 32, 32, 0.97F},
    {&other, "shpss_", hex | upper, 32, 32, 0.97F},
    {&other, "shptka_", hex | upper, 32, 32, 0.97F},
    {&other, "sq0atp-", url_safe, 22, 22, 0.95F},  // Square
    {&other, "sq0csp-", url_safe, 43, 43, 0.95F},
    {&other, "sandbox-sq0csb-", url_safe, 43, 43, 0.95F},
    {&other, "EAAA", url_safe, 60, 60, 0.9F},
    {&other, "rzp_live_", alnum, 14, 14, 0.95F},  // Razorpay
    {&other, "rzp_test_", alnum, 14, 14, 0.9F},
    {&other, "access-production-", hex | dash, 36, 36, 0.98F},  // Plaid
    {&other, "access-development-", hex | dash, 36, 36, 0.98F},
    {&other, "access-sandbox-", hex | dash, 36, 36, 0.9F},
    {&other, "FLWSECK_TEST-", alnum | dash, 34, 34, 0.95F},  // Flutterwave
    {&other, "FLWSECK-", alnum | dash, 34, 34, 0.97F},
    {&other, "pdl_live_apikey_", name, 50, 70, 0.98F},  // Paddle
    {&other, "pdl_sdbx_apikey_", name, 50, 70, 0.95F},
    {&other, "EZAK", alnum, 54, 54, 0.97F},  // EasyPost
    {&other, "EZTK", alnum, 54, 54, 0.95F},
    {&other, "shippo_live_", hex, 40, 40, 0.98F},
    {&other, "shippo_test_", hex, 40, 40, 0.9F},
    {&other, "duffel_live_", url_safe, 43, 43, 0.98F},
    {&other, "duffel_test_", url_safe, 43, 43, 0.9F},
    {&other, "xnd_production_", alnum, 40, 80, 0.97F},  // Xendit
    {&other, "xnd_development_", alnum, 40, 80, 0.95F},
    {&other, "Mid-server-", url_safe, 24, 24, 0.95F},  // Midtrans
    {&other, "SB-Mid-server-", url_safe, 24, 24, 0.9F},
    {&other, "v2x", hex, 64, 64, 0.95F},           // BitGo
    {&other, "sk_sbox_", alnum, 26, 27, 0.9F},     // Checkout.com
    {&other, "skey_live_", alnum, 19, 19, 0.95F},  // Omise
    {&other, "skey_test_", alnum, 19, 19, 0.9F},
    {&other, "api_live.", url_safe | dot, 28, 60, 0.95F},  // Onfido
    {&other, "api_live_ca.", url_safe | dot, 28, 60, 0.95F},
    {&other, "api_live_us.", url_safe | dot, 28, 60, 0.95F},
    {&other, "persona_production_", url_safe, 30, 40, 0.97F},
});

}  // namespace

std::span<const Format> trade_formats() noexcept { return trades; }

}  // namespace menshen::detectors::api_key
