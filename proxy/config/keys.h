// Every key of menshen.yaml, once: the reader refuses what is not here, and a test holds
// menshen.schema.json to the same lists.
#pragma once

#include "core/yaml_reader.h"

#include <array>

namespace menshen::config::keys {

using core::YamlKey;

inline constexpr std::string_view later = "not available in this version.";

inline constexpr std::array root{
    YamlKey{"listen"},        YamlKey{"admin"},         YamlKey{"store"},  YamlKey{"policy"},
    YamlKey{"upstreams"},     YamlKey{"routes"},        YamlKey{"limits"}, YamlKey{"threads"},
    YamlKey{"audit"},         YamlKey{"privacy"},       YamlKey{"log"},    YamlKey{"identity"},
    YamlKey{"review", later}, YamlKey{"cluster", later}};
inline constexpr std::array listen{YamlKey{"address"}, YamlKey{"tls"}, YamlKey{"cors"}};
inline constexpr std::array cors{YamlKey{"origins"}};
inline constexpr std::array tls{
    YamlKey{"certificate"}, YamlKey{"key"}, YamlKey{"min_version"},
    YamlKey{"client_ca", "client certificates (mTLS) are not available in this version."}};
inline constexpr std::array admin{YamlKey{"address"}, YamlKey{"token"},
                                  YamlKey{"tls",
                                          "the admin API has no TLS in this version; keep it on "
                                          "loopback or behind a proxy that has."}};
inline constexpr std::array store{YamlKey{"path"}, YamlKey{"url", later}};
inline constexpr std::array policy{YamlKey{"path"}};
inline constexpr std::array upstream{
    YamlKey{"name"},     YamlKey{"url"},        YamlKey{"apis"},
    YamlKey{"zone"},     YamlKey{"credential"}, YamlKey{"headers"},
    YamlKey{"proxy"},    YamlKey{"ca"},         YamlKey{"client_certificate"},
    YamlKey{"timeouts"}, YamlKey{"retries"},    YamlKey{"breaker"},
    YamlKey{"health"}};
inline constexpr std::array credential{
    YamlKey{"env"}, YamlKey{"file"},
    YamlKey{"value",
            "a credential does not belong into this file; use {env: NAME} or {file: PATH}."}};
inline constexpr std::array header{YamlKey{"name"}, YamlKey{"value"}, YamlKey{"credential"}};
inline constexpr std::array proxy{YamlKey{"url"}, YamlKey{"credential"}};
inline constexpr std::array client_certificate{YamlKey{"certificate"}, YamlKey{"key"}};
inline constexpr std::array timeouts{YamlKey{"connect_ms"}, YamlKey{"first_byte_ms"},
                                     YamlKey{"idle_ms"}, YamlKey{"keep_alive_ms"}};
inline constexpr std::array breaker{YamlKey{"failures"}, YamlKey{"open_ms"}};
inline constexpr std::array health{YamlKey{"path"}, YamlKey{"interval_ms"}, YamlKey{"timeout_ms"}};
inline constexpr std::array route{YamlKey{"models"}, YamlKey{"upstreams"}, YamlKey{"retry"},
                                  YamlKey{"account_headers"}, YamlKey{"answer_model"}};
inline constexpr std::array target{YamlKey{"name"}, YamlKey{"weight"}, YamlKey{"model"}};
inline constexpr std::array audit{YamlKey{"origin"},    YamlKey{"publish"}, YamlKey{"publish_url"},
                                  YamlKey{"witnesses"}, YamlKey{"quorum"},  YamlKey{"token"}};
inline constexpr std::array token{YamlKey{"module"}, YamlKey{"token"}, YamlKey{"key"},
                                  YamlKey{"pin"}};
inline constexpr std::array publish_url{YamlKey{"url"}, YamlKey{"method"}, YamlKey{"credential"},
                                        YamlKey{"ca"}};
inline constexpr std::array witness{YamlKey{"key"}, YamlKey{"url"}, YamlKey{"operator"},
                                    YamlKey{"ca"}};
inline constexpr std::array privacy{YamlKey{"rho_per_day"}, YamlKey{"rho_total"},
                                    YamlKey{"requests_per_user_day_max"},
                                    YamlKey{"releases_per_day"}};
inline constexpr std::array identity{YamlKey{"chain"}};
inline constexpr std::array log{YamlKey{"level"}, YamlKey{"format"}, YamlKey{"file"}};

inline constexpr std::array<std::string_view, 1> identity_links{"api_keys"};
inline constexpr std::array identity_links_later{
    core::YamlRefusal{"oidc", "Tokens of an issuer (OIDC) are not available in this version."},
    core::YamlRefusal{"mtls", "Client certificates (mTLS) are not available in this version."}};
inline constexpr std::array<std::string_view, 2> publish_methods{"PUT", "POST"};
inline constexpr std::array<std::string_view, 2> retries{"unsent", "always"};
inline constexpr std::array<std::string_view, 2> answer_models{"upstream", "asked"};
inline constexpr std::array<std::string_view, 2> tls_versions{"1.2", "1.3"};
inline constexpr std::array<std::string_view, 4> log_levels{"debug", "info", "warning", "error"};
inline constexpr std::array<std::string_view, 2> log_formats{"json", "text"};

}  // namespace menshen::config::keys
