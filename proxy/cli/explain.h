// menshen policy explain: which rules decide about a caller, a model and a text, and what they say.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace menshen::cli {

// As it stands on the command line.
struct Situation {
  std::string user = "(anyone)";
  std::vector<std::string> groups;
  std::string kind = "user";
  std::string model;
  std::string operation = "chat";
  std::string zone = "internal";
  std::string time;       // empty: now
  std::string text;       // empty, as text_file: no content is asked about
  std::string text_file;  // "-": standard input
  std::string direction = "request";
  std::string opaque;   // a kind of opaque content in a request; empty: not asked about
  bool unseen = false;  // of encrypted reasoning: no answer is known to have had it
};

// Prints it; the exit code. No part of the text is printed.
[[nodiscard]] int explain(const std::filesystem::path& policy, const Situation& situation,
                          bool json);

}  // namespace menshen::cli
