// load_generator: asks an HTTP server as many clients would, and says as one JSON object how it
// answered. Latencies are in microseconds.
//
//   load_generator --url http://127.0.0.1:PORT/PATH --bodies FILE --seconds S
//     --connections N          of a closed loop: each sends its next request when it has its answer
//     --rate R [--seed N] [--connections-max N]     an open loop: R requests a second are due at
//                              times that hang on the seed alone, whatever the server does
//     --header 'NAME: VALUE'   another field of each request; may be repeated
//     --canary TEXT            a text that may stand in no answer; may be repeated
//     --drain-seconds S        how long answers may take after the end (10)
// FILE: a body a line, sent in turn.
#include "bench/load/generator/load.h"

#include <arpa/inet.h>
#include <getopt.h>
#include <sys/resource.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <iostream>
#include <stdexcept>

namespace {

using namespace menshen::load;

struct Target {
  std::string path;
  std::string host;
  std::string fields;  // of each head
  std::string bodies;  // the name of the file
};

double number(const char* text) {
  char* end = nullptr;
  const double value = std::strtod(text, &end);
  if (end == text || *end != '\0' || !(value >= 0) || value > 1e9)
    throw std::invalid_argument(std::string("no number: ") + text);
  return value;
}

void read_url(const std::string& url, Options& options, Target& target) {
  constexpr std::string_view scheme = "http://";
  const std::size_t colon = url.find(':', scheme.size());
  const std::size_t slash = url.find('/', scheme.size());
  if (!url.starts_with(scheme) || colon == url.npos || slash == url.npos || slash < colon)
    throw std::invalid_argument("the URL must be http://ADDRESS:PORT/PATH");
  const std::string address = url.substr(scheme.size(), colon - scheme.size());
  const double port = number(url.substr(colon + 1, slash - colon - 1).c_str());
  options.address.sin_family = AF_INET;
  options.address.sin_port = htons(static_cast<std::uint16_t>(port));
  if (port > 65535 || ::inet_pton(AF_INET, address.c_str(), &options.address.sin_addr) != 1)
    throw std::invalid_argument("no IPv4 address and port in the URL");
  target.host = url.substr(scheme.size(), slash - scheme.size());
  target.path = url.substr(slash);
}

enum Choice {
  url,
  bodies,
  seconds,
  connections,
  rate,
  seed,
  connections_max,
  header,
  canary,
  drain_seconds
};

void read_option(int choice, const char* value, Options& options, Target& target) {
  const auto count = [value] { return static_cast<std::size_t>(number(value)); };
  switch (choice) {
    case url: return read_url(value, options, target);
    case bodies: target.bodies = value; return;
    case seconds: options.seconds = number(value); return;
    case connections: options.connections = count(); return;
    case rate: options.rate = number(value); return;
    case seed: options.seed = count(); return;
    case connections_max: options.connections_max = count(); return;
    case header: target.fields.append(value).append("\r\n"); return;
    case canary: options.canaries.emplace_back(value); return;
    case drain_seconds: options.drain_seconds = number(value); return;
    default: throw std::invalid_argument("see the head of bench/load/generator/main.cpp");
  }
}

void read_bodies(const Target& target, Options& options) {
  std::ifstream file(target.bodies);
  for (std::string body; std::getline(file, body);) {
    options.requests.push_back(
        "POST " + target.path + " HTTP/1.1\r\nhost: " + target.host + "\r\n" + target.fields +
        "content-length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  }
  if (options.requests.empty()) throw std::invalid_argument("no body in: " + target.bodies);
}

Options read_options(int argc, char** argv) {
  static constexpr std::array names{"url",    "bodies",       "seconds",         "connections",
                                    "rate",   "seed",         "connections-max", "header",
                                    "canary", "drain-seconds"};
  std::array<option, names.size() + 1> table{};
  for (std::size_t i = 0; i < names.size(); ++i)
    table[i] = {names[i], required_argument, nullptr, static_cast<int>(i)};
  Options options;
  Target target;
  for (int choice; (choice = ::getopt_long(argc, argv, "", table.data(), nullptr)) != -1;)
    read_option(choice, ::optarg, options, target);
  if (::optind < argc) throw std::invalid_argument(std::string("unknown: ") + argv[::optind]);
  if (target.path.empty() || options.connections == 0 || options.seconds <= 0)
    throw std::invalid_argument("--url, a connection and some seconds are needed");
  options.connections_max = std::max(options.connections_max, options.connections);
  read_bodies(target, options);
  return options;
}

std::string of(const Histogram& times) {
  std::array<char, 256> text{};
  const auto at = [&](double share) { return static_cast<double>(times.percentile(share)) / 1e3; };
  std::snprintf(text.data(), text.size(),
                R"({"p50":%.1f,"p90":%.1f,"p99":%.1f,"p99.9":%.1f,"max":%.1f})", at(0.5), at(0.9),
                at(0.99), at(0.999), static_cast<double>(times.max()) / 1e3);
  return text.data();
}

// Names are of this program or of the C library: nothing in them has to be escaped.
template <typename Counts>
std::string of_counts(const Counts& counts) {
  std::string out;
  for (const auto& [name, count] : counts) {
    if constexpr (std::is_same_v<decltype(name), const int>) {
      out.append(out.empty() ? "" : ",").append("\"" + std::to_string(name) + "\":");
    } else {
      out.append(out.empty() ? "" : ",").append("\"" + name + "\":");
    }
    out += std::to_string(count);
  }
  return "{" + out + "}";
}

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

void write(const Options& options, const Report& report) {
  std::cout << R"({"rate":)" << static_cast<double>(report.in_time) / options.seconds
            << R"(,"due":)" << report.due << R"(,"waited":)" << report.waited << R"(,"answered":)"
            << report.answered << R"(,"in_time":)" << report.in_time << R"(,"unanswered":)"
            << report.unanswered << R"(,"canaries":)" << report.canaries << R"(,"bytes":)"
            << report.bytes << R"(,"connections":)" << report.connections << R"(,"statuses":)"
            << of_counts(report.statuses) << R"(,"errors":)" << of_counts(report.errors)
            << R"(,"latency_us":)" << of(report.latency) << R"(,"delay_us":)" << of(report.delay)
            << R"(,"seconds":)" << report.seconds << R"(,"cpu_seconds":)" << cpu_seconds() << "}\n";
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const Options options = read_options(argc, argv);
    write(options, run(options));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "load_generator: %s\n", error.what());
    return 1;
  }
  return 0;
}
