// A configuration in which every key stands that the schema knows; but for limits, with a value
// that is not its default wherever it has one.
//
// Tests only.
#pragma once

#include "proxy/config/limits_table.h"

#include <nlohmann/json.hpp>

#include <string>

namespace menshen::config {

inline nlohmann::json full_upstream(const nlohmann::json& credential) {
  return {
      {"name", credential.contains("env") ? "a" : "b"},
      {"url", "https://h"},
      {"apis", {"openai"}},
      {"zone", "east"},
      {"credential", credential},
      {"headers",
       {{{"name", "x-a"}, {"value", "b"}}, {{"name", "x-b"}, {"credential", credential}}}},
      {"proxy", {{"url", "http://p:3128"}, {"credential", credential}}},
      {"ca", "ca.pem"},
      {"client_certificate", {{"certificate", "c.pem"}, {"key", "k.pem"}}},
      {"timeouts", {{"connect_ms", 1}, {"first_byte_ms", 2}, {"idle_ms", 3}, {"keep_alive_ms", 4}}},
      {"retries", 2},
      {"breaker", {{"failures", 3}, {"open_ms", 2}}},
      {"health", {{"path", "/h"}, {"interval_ms", 5000}, {"timeout_ms", 20}}}};
}

inline nlohmann::json full_document() {
  nlohmann::json limits;
  for (const LimitField& field : limit_fields()) {
    limits[std::string(field.name)] = limit_value(core::Limits{}, field);
  }
  return {
      {"listen",
       {{"address", "127.0.0.1:1"},
        {"tls", {{"certificate", "c"}, {"key", "k"}, {"min_version", "1.3"}}},
        {"cors", {{"origins", {"https://app.example", "app://x:1"}}}}}},
      {"admin", {{"address", "127.0.0.1:2"}, {"token", {{"env", "T"}}}}},
      {"store", {{"path", "s"}}},
      {"policy", {{"path", "p"}}},
      {"upstreams", {full_upstream({{"env", "E"}}), full_upstream({{"file", "F"}})}},
      {"routes",
       {{{"models", {"m"}},
         {"retry", "always"},
         {"account_headers", {"openai-project"}},
         {"answer_model", "asked"},
         {"upstreams", {{{"name", "a"}, {"weight", 2}, {"model", "x"}}, {{"name", "b"}}}}}}},
      {"limits", limits},
      {"threads", 3},
      {"audit",
       {{"origin", "o"},
        {"publish", "p"},
        {"publish_url",
         {{"url", "https://h"}, {"method", "POST"}, {"credential", {{"env", "E"}}}, {"ca", "c"}}},
        {"witnesses",
         {{{"key", "witness.example/w1+04d2d833+BD1AF8PoQ4lakrcKp00bfrycmCzPLsSWjMDNVfEq9GYM"},
           {"url", "https://w"},
           {"operator", "o"},
           {"ca", "c"}}}},
        {"quorum", 1},
        {"token", {{"module", "m"}, {"token", "t"}, {"key", "k"}, {"pin", {{"env", "E"}}}}}}},
      {"privacy",
       {{"rho_per_day", 1},
        {"rho_total", 2},
        {"requests_per_user_day_max", 3},
        {"releases_per_day", 4}}},
      {"identity", {{"chain", {"api_keys"}}}},
      {"log", {{"level", "debug"}, {"format", "text"}, {"file", "f"}}}};
}

}  // namespace menshen::config
