// Hosts of source, registries of packages, builds and secrets.
#include "detectors/api_key/formats.h"
#include "detectors/values/token.h"

#include <array>

namespace menshen::detectors::api_key {
namespace {

using namespace token_set;
using namespace types;

bool is_harness(std::string_view key) { return has_parts(key, {22, 24, 20}); }

constexpr auto sources = std::to_array<Format>({
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
    {&gitlab, "glrtr-", url_safe | dot, 20, 0, 0.97F},
    {&gitlab, "glcbt-", url_safe, 20, 0, 0.97F},
    {&gitlab, "glsoat-", url_safe, 20, 0, 0.97F},
    {&gitlab, "glft-", url_safe, 20, 0, 0.97F},
    {&gitlab, "glimt-", url_safe, 20, 0, 0.97F},
    {&gitlab, "gloas-", url_safe, 64, 64, 0.97F},
    {&gitlab, "glagent-", url_safe, 50, 0, 0.97F},
    {&gitlab, "glwt-", url_safe, 20, 0, 0.97F},
    {&gitlab, "glffct-", url_safe, 20, 0, 0.97F},
    {&gitlab, "GR1348941", url_safe, 20, 0, 0.95F},
    {&other, "ATATT3", url_safe | base64, 150, 0, 0.98F},  // Atlassian
    {&other, "ATCTT3", url_safe | base64, 150, 0, 0.98F},
    {&other, "ATBB", alnum, 32, 32, 0.95F},  // Bitbucket
    {&other, "ATTA", alnum, 72, 72, 0.97F},  // Trello
    {&other, "npm_", alnum, 36, 36, 0.97F},
    {&other, "pypi-AgE", url_safe, 50, 0, 0.98F},
    {&other, "rubygems_", hex, 48, 48, 0.98F},
    {&other, "cio", alnum, 32, 32, 0.85F},           // crates.io
    {&other, "oy2", digits | lower, 43, 43, 0.95F},  // NuGet
    {&other, "CLOJARS_", hex, 60, 60, 0.98F},
    {&other, "dckr_pat_", url_safe, 27, 27, 0.98F},  // Docker
    {&other, "dckr_oat_", url_safe, 32, 32, 0.98F},
    {&other, "AKCp", alnum, 69, 69, 0.95F},  // Artifactory
    {&other, "cmVmdGtu", alnum, 56, 56, 0.97F},
    {&other, "sgp_", name, 40, 60, 0.95F},  // Sourcegraph
    {&other, "slk_", hex, 64, 64, 0.97F},
    {&other, "bkua_", hex, 40, 40, 0.97F},     // Buildkite
    {&other, "CCIPAT_", name, 63, 63, 0.97F},  // CircleCI
    {&other, "CCIPRJ_", name, 63, 63, 0.97F},
    {&other, "squ_", hex, 40, 40, 0.97F},  // SonarQube
    {&other, "sqp_", hex, 40, 40, 0.97F},
    {&other, "sqa_", hex, 40, 40, 0.97F},
    {&other, "snyk_uat.", url_safe | dot, 40, 0, 0.97F},
    {&other, "snyk_sat.", url_safe | dot, 40, 0, 0.97F},
    {&other, "pat.", url_safe | dot, 68, 68, 0.95F, is_harness},
    {&other, "sat.", url_safe | dot, 68, 68, 0.95F, is_harness},
    {&other, "hvs.", url_safe, 24, 0, 0.95F},  // Vault
    {&other, "hvb.", url_safe, 60, 0, 0.95F},
    {&other, "hvr.", url_safe, 60, 0, 0.95F},
    {&other, "dp.pt.", alnum, 40, 44, 0.97F},  // Doppler
    {&other, "dp.ct.", alnum, 40, 44, 0.97F},
    {&other, "dp.sa.", alnum, 40, 44, 0.97F},
    {&other, "dp.scim.", alnum, 40, 44, 0.97F},
    {&other, "dp.audit.", alnum, 40, 44, 0.97F},
    {&other, "dp.st.", alnum | dash | underscore | dot, 40, 80, 0.95F},
    {&other, "ops_eyJ", url_safe | base64, 250, 0, 0.98F},  // 1Password
    {&other, "PMAK-", hex | dash, 59, 59, 0.97F},           // Postman
    {&other, "pul-", hex, 40, 40, 0.95F},                   // Pulumi
    {&other, "API-", digits | upper, 26, 26, 0.85F},        // Octopus Deploy
    {&other, "pnu_", alnum, 36, 36, 0.95F},                 // Prefect
    {&other, "ico-", alnum, 32, 32, 0.95F},                 // Infracost
    {&other, "gitpod_pat_", name | dot, 40, 0, 0.97F},
    {&other, "ovsxat_", hex | dash, 36, 36, 0.97F},  // Open VSX
    {&other, "ovsxp_", hex | dash, 36, 36, 0.97F},
    {&other, "perm-", alnum | base64 | dot, 60, 120, 0.9F},  // JetBrains
    {&other, "tskey-auth-", alnum | dash, 24, 70, 0.98F},    // Tailscale
    {&other, "tskey-api-", alnum | dash, 24, 70, 0.98F},
    {&other, "tskey-client-", alnum | dash, 24, 70, 0.98F},
    {&other, "tskey-scim-", alnum | dash, 24, 70, 0.98F},
    {&other, "tskey-webhook-", alnum | dash, 24, 70, 0.98F},
    {&other, "AGE-SECRET-KEY-1", digits | upper, 58, 58, 0.99F},
});

}  // namespace

std::span<const Format> source_formats() noexcept { return sources; }

}  // namespace menshen::detectors::api_key
