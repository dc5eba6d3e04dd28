#include "deploy/demo-core/server.h"

#include "deploy/demo-core/render.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

#include <algorithm>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <tuple>

namespace menshen::demo_core {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using Request = http::request<http::string_body>;

constexpr std::uint64_t body_bytes_max = 64ULL * 1024 * 1024;
constexpr std::size_t receive_bytes = 64 * 1024;
constexpr auto no_throw = asio::as_tuple(asio::use_awaitable);

std::string_view view(boost::beast::string_view text) { return {text.data(), text.size()}; }

class Server {
 public:
  explicit Server(const Options& options) : options_(options) {
    if (!options.record.empty()) record_.open(options.record, std::ios::app);
  }

  asio::awaitable<void> session(tcp::socket socket) {
    boost::system::error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    boost::beast::flat_buffer buffer;
    buffer.reserve(receive_bytes);  // or Beast would read 512 bytes at a time
    for (bool open = true; open;) {
      http::request_parser<http::string_body> parser;
      parser.body_limit(body_bytes_max);
      const auto [error, bytes] = co_await http::async_read(socket, buffer, parser, no_throw);
      if (error) co_return;
      const Request& request = parser.get();
      record(request);
      count(request);
      open = request.keep_alive() && co_await write(socket, *answer(request));
    }
  }

 private:
  // False when the client has gone.
  asio::awaitable<bool> write(tcp::socket& socket, const Answer& answer) {
    bool first = true;
    for (const std::string& bytes : answer.writes) {
      const auto delay = first ? options_.first_delay : options_.piece_delay;
      first = false;
      if (delay.count() > 0) {
        asio::steady_timer timer(socket.get_executor(), delay);
        co_await timer.async_wait(no_throw);
      }
      const auto [error, written] =
          co_await asio::async_write(socket, asio::buffer(bytes), no_throw);
      if (error) co_return false;
    }
    co_return true;
  }

  std::shared_ptr<const Answer> answer(const Request& request) {
    const std::string_view target = view(request.target());
    const std::string_view path = target.substr(0, target.find('?'));
    const bool anthropic = request.find("anthropic-version") != request.end();
    if (path == "/demo/counts") return std::make_shared<Answer>(json_answer(200, counts_));
    if (options_.fixed_reply_bytes > 0) return fixed(request, path, anthropic);
    return std::make_shared<Answer>(answer_request(view(request.method_string()), path,
                                                   request.body(), anthropic, nullptr, ++serial_));
  }

  // Made once per path and kind: the server must not be what a measurement measures.
  std::shared_ptr<const Answer> fixed(const Request& request, std::string_view path,
                                      bool anthropic) {
    const bool stream = request.body().find("\"stream\":true") != std::string::npos;
    const bool values = has_values(request);
    auto& made = fixed_[{std::string(path), stream, values}];
    if (!made) {
      FixedReply reply{options_.fixed_reply_bytes, {}};
      if (values)
        for (const std::string& canary : options_.canaries) reply.opening += canary + ", ";
      made = std::make_shared<Answer>(answer_request(view(request.method_string()), path,
                                                     request.body(), anthropic, &reply, ++serial_));
    }
    return made;
  }

  bool has_values(const Request& request) const {
    return !options_.canaries.empty() &&
           request.body().find("\"demo-values\"") != std::string::npos;
  }

  void count(const Request& request) {
    if (request.method() != http::verb::post) return;
    ++counts_["requests"];
    if (!has_values(request)) return;
    ++counts_["values"];
    const bool leaked = std::ranges::any_of(options_.canaries, [&](const std::string& canary) {
      return request.body().find(canary) != std::string::npos;
    });
    if (leaked) ++counts_["leaked"];
  }

  void record(const Request& request) {
    if (!record_.is_open()) return;
    Json headers = Json::object();
    for (const auto& field : request)
      headers[std::string(view(field.name_string()))] = view(field.value());
    const Json line{{"method", view(request.method_string())},
                    {"path", view(request.target())},
                    {"headers", std::move(headers)},
                    {"body", request.body()}};
    record_ << line.dump(-1, ' ', false, Json::error_handler_t::replace) << std::endl;
  }

  const Options& options_;
  std::ofstream record_;
  std::uint64_t serial_ = 0;
  std::map<std::string, std::uint64_t> counts_{{"requests", 0}, {"values", 0}, {"leaked", 0}};
  std::map<std::tuple<std::string, bool, bool>, std::shared_ptr<const Answer>> fixed_;
};

asio::awaitable<void> accept_clients(tcp::acceptor& acceptor, Server& server) {
  for (;;) {
    auto [error, socket] = co_await acceptor.async_accept(no_throw);
    if (!error)
      asio::co_spawn(acceptor.get_executor(), server.session(std::move(socket)), asio::detached);
  }
}

}  // namespace

void serve(const Options& options) {
  asio::io_context context(1);
  tcp::acceptor acceptor(context, {asio::ip::address_v4::loopback(), options.port});
  if (!options.port_file.empty())
    std::ofstream(options.port_file) << acceptor.local_endpoint().port() << '\n';
  Server server(options);
  asio::signal_set signals(context, SIGINT, SIGTERM);
  signals.async_wait([&](const auto&, int) { context.stop(); });
  asio::co_spawn(context, accept_clients(acceptor, server), asio::detached);
  context.run();
}

}  // namespace menshen::demo_core
