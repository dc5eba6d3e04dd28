// What is wrong with a file of the operator's (the configuration, a policy): where, and a sentence.
//
//   for (const Problem& p : loaded.problems) print(p.where(), p.message);
#pragma once

#include <cstddef>
#include <string>

namespace menshen::core {

struct Problem {
  bool is_error = true;  // false: a warning
  std::string file;
  std::size_t line = 0;    // from 1; 0: the file as a whole
  std::size_t column = 0;  // from 1, in characters
  std::string pointer;     // RFC 6901: "/content/2/find/types"; empty: no field of the file
  std::string message;     // sentences, the suggestion included
  std::string suggestion;  // the name that is nearest to a misspelt one; empty: none is near

  // "policy.yaml:12:5 content[2].find.types", as people and editors read it.
  [[nodiscard]] std::string where() const;
};

// Of a file as a whole.
[[nodiscard]] Problem problem_of(std::string file, std::string message, bool is_error = true);

}  // namespace menshen::core
