// JSON lines: a row in, a row with its "id" and the answer out.
#pragma once

#include <nlohmann/json.hpp>

#include <exception>
#include <iostream>
#include <string>

namespace menshen::bench {

// `answer(row)` gives what stands under `name`; an exception ends with 2 and the number of the
// line.
template <class Answer>
int answer_rows(const char* name, Answer&& answer) {
  using nlohmann::json;
  std::ios::sync_with_stdio(false);
  std::string line;
  for (std::size_t number = 1; std::getline(std::cin, line); ++number) {
    try {
      const json row = json::parse(line);
      std::cout << json{{"id", row.value("id", json())}, {name, answer(row)}}.dump() << '\n';
    } catch (const std::exception& problem) {
      std::cerr << "line " << number << ": " << problem.what() << '\n';
      return 2;
    }
  }
  return 0;
}

}  // namespace menshen::bench
