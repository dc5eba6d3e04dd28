// What the tests of configurations share: a folder with the files that one may name, the smallest
// configuration, and its problems as text.
//
// Tests only.
#pragma once

#include "proxy/config/config.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace menshen::config {

// A folder with the files that a configuration may name; gone at the end.
class ConfigTest : public ::testing::Test {
 protected:
  ConfigTest() {
    std::string name = (std::filesystem::temp_directory_path() / "menshen-config-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    folder_ = name;
    write("policy.yaml", "");
    write("cert.pem", "");
    write("key.pem", "");
    std::filesystem::permissions(folder_ / "key.pem", std::filesystem::perms::owner_read);
    options_.environment = [](const std::string& name_of) -> std::optional<std::string> {
      if (name_of == "CORE_KEY") return "sk-from-environment";
      if (name_of == "EMPTY") return "";
      if (name_of == "SPLIT") return "sk-one\r\nx-evil: 1";
      return std::nullopt;
    };
  }
  ~ConfigTest() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& name, std::string_view text) const {
    std::ofstream(folder_ / name, std::ios::binary) << text;
  }
  Loaded read(const std::string& text) const { return parse(text, "c.yaml", folder_, options_); }
  // All problems, one per line.
  std::string problems(const std::string& text) const {
    std::string out;
    for (const core::Problem& p : read(text).problems) {
      out += (p.is_error ? "error " : "warning ") + p.where() + ": " + p.message + "\n";
    }
    return out;
  }

  std::filesystem::path folder_;
  Options options_;
};

inline const std::string smallest =
    "listen: {address: \"127.0.0.1:8080\"}\n"
    "admin: {address: \"127.0.0.1:9090\"}\n"
    "store: {path: ./var}\n"
    "policy: {path: policy.yaml}\n"
    "upstreams:\n"
    "  - {name: core, url: \"http://127.0.0.1:9001\", apis: [openai, anthropic], zone: internal, "
    "credential: {env: CORE_KEY}}\n"
    "routes:\n"
    "  - {models: [\"*\"], upstreams: [{name: core}]}\n";

// `smallest` with one part replaced.
inline std::string with(const std::string& part, const std::string& instead) {
  std::string text = smallest;
  const std::size_t at = text.find(part);
  EXPECT_NE(at, std::string::npos) << part;
  return text.replace(at, part.size(), instead);
}

// A mistake, and what is said of it.
struct Bad {
  std::string part;
  std::string instead;
  std::string problem;  // where, and the begin of the message
};

// Parts of `smallest`.
inline const std::string core_key = "{env: CORE_KEY}";
inline const std::string url = "\"http://127.0.0.1:9001\"";
inline const std::string address = "\"127.0.0.1:8080\"";
inline const std::string target = "{name: core}]";
inline const std::string last = "routes:";

}  // namespace menshen::config
