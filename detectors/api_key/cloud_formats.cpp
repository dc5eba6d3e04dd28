// Clouds, hosting, databases, observation.
#include "detectors/api_key/formats.h"
#include "detectors/values/token.h"

#include <array>

namespace menshen::detectors::api_key {
namespace {

using namespace token_set;
using namespace types;

bool is_dynatrace(std::string_view key) { return has_parts(key, {24, 64}); }

constexpr auto clouds = std::to_array<Format>({
    {&google, "GOCSPX-", url_safe, 28, 28, 0.97F},
    {&google, "ya29.", url_safe | dot, 40, 0, 0.95F},
    {&google, "1//0", url_safe, 60, 120, 0.9F},
    {&aliyun, "LTAI", alnum, 12, 26, 0.9F},
    {&aliyun, "STS.", alnum, 20, 40, 0.9F},
    {&tencent, "AKID", alnum, 28, 36, 0.9F},
    {&other, "AKLT", url_safe, 32, 60, 0.9F},  // Volcengine, Kingsoft
    {&other, "ALTAK", alnum, 20, 24, 0.9F},    // Baidu
    {&other, "JDC_", digits | upper, 28, 32, 0.95F},
    {&other, "IQoJb3JpZ2lu", alnum | base64, 100, 0, 0.97F},  // AWS session tokens
    {&other, "FwoGZXIvYXdz", alnum | base64, 100, 0, 0.97F},
    {&other, "amzn1.oa2-cs.v1.", hex, 64, 64, 0.98F},
    {&other, "amzn.mws.", hex | dash, 36, 36, 0.98F},
    {&other, "dop_v1_", hex, 64, 64, 0.98F},  // DigitalOcean
    {&other, "doo_v1_", hex, 64, 64, 0.98F},
    {&other, "dor_v1_", hex, 64, 64, 0.98F},
    {&other, "HRKU-", url_safe, 36, 66, 0.97F},  // Heroku
    {&other, "nfp_", alnum, 36, 40, 0.95F},      // Netlify
    {&other, "nfc_", alnum, 36, 40, 0.95F},
    {&other, "nfo_", alnum, 36, 40, 0.95F},
    {&other, "nfu_", alnum, 36, 40, 0.95F},
    {&other, "vcp_", alnum, 24, 64, 0.95F},  // Vercel
    {&other, "vci_", alnum, 24, 64, 0.95F},
    {&other, "vca_", alnum, 24, 64, 0.95F},
    {&other, "vcr_", alnum, 24, 64, 0.95F},
    {&other, "vck_", alnum, 24, 64, 0.95F},
    {&other, "vercel_blob_rw_", name, 30, 60, 0.97F},
    {&other, "fo1_", url_safe, 43, 43, 0.95F},  // Fly
    {&other, "fm1r_", alnum | base64, 100, 0, 0.95F},
    {&other, "fm1a_", alnum | base64, 100, 0, 0.95F},
    {&other, "fm2_", alnum | base64, 100, 0, 0.95F},
    {&other, "rnd_", alnum, 28, 40, 0.95F},  // Render
    {&other, "sbp_", hex, 40, 40, 0.97F},    // Supabase
    {&other, "sb_secret_", url_safe, 31, 40, 0.97F},
    {&other, "pscale_tkn_", url_safe | dot, 32, 64, 0.97F},  // PlanetScale
    {&other, "pscale_pw_", url_safe | dot, 32, 64, 0.97F},
    {&other, "pscale_oauth_", url_safe | dot, 32, 64, 0.97F},
    {&other, "napi_", alnum, 60, 70, 0.95F},         // Neon
    {&other, "AVNS_", url_safe, 15, 24, 0.95F},      // Aiven
    {&other, "v1.0-", hex | dash, 171, 171, 0.97F},  // Cloudflare origin CA
    {&other, "akab-", alnum | dash, 33, 33, 0.9F},   // Akamai
    {&other, "dapi", hex, 32, 34, 0.9F},             // Databricks
    {&other, "dapi", hex | dash, 34, 34, 0.9F},
    {&other, "dose", hex, 32, 32, 0.9F},
    {&other, "CCDB1_", name, 63, 63, 0.97F},          // CockroachDB
    {&other, "cflt", alnum | base64, 60, 60, 0.9F},   // Confluent
    {&other, "mdb_sa_sk_", url_safe, 40, 40, 0.97F},  // MongoDB Atlas
    {&other, "glsa_", name, 41, 41, 0.97F},           // Grafana
    {&other, "glc_", alnum | base64, 32, 0, 0.9F},
    {&other, "eyJrIjoi", alnum | base64, 60, 0, 0.9F},
    {&other, "NRAK-", alnum, 27, 27, 0.97F},  // New Relic
    {&other, "NRII-", url_safe, 32, 32, 0.97F},
    {&other, "NRIQ-", url_safe, 32, 32, 0.97F},
    {&other, "NRRA-", hex, 42, 42, 0.97F},
    {&other, "sntrys_eyJ", alnum | base64 | underscore, 80, 0, 0.97F},  // Sentry
    {&other, "sntryu_", hex, 64, 64, 0.98F},
    {&other, "dt0c01.", digits | upper | dot, 89, 89, 0.98F, is_dynatrace},
    {&other, "dt0s01.", digits | upper | dot, 89, 89, 0.98F, is_dynatrace},
    {&other, "dt0s08.", digits | upper | dot, 89, 89, 0.98F, is_dynatrace},
    {&other, "hcaik_", alnum, 58, 58, 0.97F},      // Honeycomb
    {&other, "xaat-", hex | dash, 36, 36, 0.97F},  // Axiom
    {&other, "xapt-", hex | dash, 36, 36, 0.97F},
    {&other, "essu_", alnum | base64, 40, 0, 0.95F},  // Elastic
    {&other, "ddp_", alnum, 36, 36, 0.97F},           // Deno
    {&other, "ddw_", alnum, 36, 36, 0.97F},
    {&other, "sdk-", hex | dash, 36, 36, 0.9F},  // LaunchDarkly
    {&other, "api-", hex | dash, 36, 36, 0.9F},
    {&other, "apify_api_", alnum, 36, 40, 0.97F},
    {&other, "dnkey-", alnum | dash, 79, 79, 0.95F},
    {&other, "signkey-prod-", hex, 64, 64, 0.97F},  // Inngest
    {&other, "signkey-test-", hex, 64, 64, 0.95F},
    {&other, "AQVN", url_safe, 35, 38, 0.9F},  // Yandex Cloud
    {&other, "YCAJE", url_safe, 20, 20, 0.9F},
    {&other, "y0_", url_safe, 55, 65, 0.9F},
    {&other, "edbt_eyJ", url_safe | dot, 60, 0, 0.95F},
    {&other, "nbwt1_eyJ", url_safe | dot, 60, 0, 0.95F},
});

}  // namespace

std::span<const Format> cloud_formats() noexcept { return clouds; }

}  // namespace menshen::detectors::api_key
