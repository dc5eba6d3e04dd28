#include "deploy/demo-core/render.h"

#include <openssl/evp.h>

#include <array>
#include <bit>
#include <cmath>
#include <cstring>

namespace menshen::demo_core {
namespace {

constexpr std::array models{"demo-1", "demo-2"};
constexpr std::size_t embedding_dimensions = 256;

Json model_object(std::string_view id, bool anthropic) {
  if (anthropic) {
    return {{"type", "model"},
            {"id", id},
            {"display_name", id},
            {"created_at", "2025-01-01T00:00:00Z"}};
  }
  return {
      {"id", id}, {"object", "model"}, {"created", created_seconds}, {"owned_by", "menshen-demo"}};
}

Answer models_answer(std::string_view path, bool anthropic) {
  constexpr std::string_view list = "/v1/models";
  if (path.size() > list.size() + 1) {
    const std::string_view id = path.substr(list.size() + 1);
    for (const char* model : models) {
      if (id == model) return json_answer(200, model_object(id, anthropic));
    }
    return error_answer(404, "There is no such model.");
  }
  Json data = Json::array();
  for (const char* model : models) data.push_back(model_object(model, anthropic));
  if (anthropic) {
    return json_answer(200, {{"data", data},
                             {"has_more", false},
                             {"first_id", models.front()},
                             {"last_id", models.back()}});
  }
  return json_answer(200, {{"object", "list"}, {"data", data}});
}

// A vector of unit length that depends on the text alone (FNV-1a, then a linear congruential
// generator).
std::vector<float> embed(std::string_view text, std::size_t dimensions) {
  std::uint64_t state = 14'695'981'039'346'656'037ULL;
  for (const char byte : text) {
    state = (state ^ static_cast<unsigned char>(byte)) * 1'099'511'628'211ULL;
  }
  std::vector<float> vector(dimensions);
  float norm = 0;
  for (float& value : vector) {
    state = state * 6'364'136'223'846'793'005ULL + 1'442'695'040'888'963'407ULL;
    value = static_cast<float>(state >> 40U) / static_cast<float>(1U << 23U) - 1.0F;
    norm += value * value;
  }
  for (float& value : vector) value /= std::sqrt(norm);
  return vector;
}

std::string base64(const std::vector<float>& vector) {
  std::string bytes(vector.size() * sizeof(float), '\0');
  std::memcpy(bytes.data(), vector.data(), bytes.size());
  std::string out(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const int size = EVP_EncodeBlock(std::bit_cast<unsigned char*>(out.data()),
                                   std::bit_cast<const unsigned char*>(bytes.data()),
                                   static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(size));
  return out;
}

Answer embeddings_answer(const Json& body) {
  const Json& given = body.at("input");
  const bool many = given.is_array() && !given.empty() && !given[0].is_number();
  const Json input = many ? given : Json::array({given});
  const auto dimensions = body.value("dimensions", embedding_dimensions);
  Json data = Json::array();
  std::size_t tokens = 0;
  for (const Json& text : input) {
    const std::string words = text.is_string() ? text.get<std::string>() : text.dump();
    const std::vector<float> vector = embed(words, dimensions);
    const bool encoded = body.value("encoding_format", "float") == "base64";
    data.push_back({{"object", "embedding"},
                    {"index", data.size()},
                    {"embedding", encoded ? Json(base64(vector)) : Json(vector)}});
    tokens += pieces_of(words).size();
  }
  return json_answer(200, {{"object", "list"},
                           {"data", data},
                           {"model", body.at("model")},
                           {"usage", {{"prompt_tokens", tokens}, {"total_tokens", tokens}}}});
}

Answer render(std::string_view path, const Task& task) {
  if (path == "/v1/chat/completions") return chat_answer(task);
  if (path == "/v1/completions") return completion_answer(task);
  if (path == "/v1/responses") return responses_answer(task);
  if (path == "/v1/messages") return messages_answer(task);
  return error_answer(404, "The demo core does not know this path.");
}

Task make_task(Prompt prompt, std::uint64_t serial) {
  Task task{std::move(prompt), {}, serial};
  for (int choice = 0; choice < task.prompt.choices; ++choice) {
    task.replies.push_back(make_reply(task.prompt, choice));
  }
  return task;
}

Answer answer_body(std::string_view path, const Json& body, std::uint64_t serial) {
  if (path == "/v1/embeddings") return embeddings_answer(body);
  bool broken = false;
  Prompt prompt =
      read_prompt(path == "/v1/messages/count_tokens" ? "/v1/messages" : path, body, &broken);
  if (broken) return error_answer(400, "This reasoning is not what the demo core gave out.");
  if (path == "/v1/messages/count_tokens") {
    return json_answer(200, {{"input_tokens", pieces_of(prompt.text).size()}});
  }
  return render(path, make_task(std::move(prompt), serial));
}

Answer fixed_answer(std::string_view path, std::string_view body, const FixedReply& fixed) {
  Task task;
  task.prompt.model = "demo-1";
  task.prompt.stream = body.find("\"stream\":true") != std::string_view::npos ||
                       body.find("\"stream\": true") != std::string_view::npos;
  task.replies.push_back(fixed_reply(fixed));
  return render(path, task);
}

}  // namespace

Answer answer_request(std::string_view method, std::string_view path, std::string_view body,
                      bool anthropic, const FixedReply* fixed, std::uint64_t serial) {
  if (method == "GET" && path.starts_with("/v1/models")) return models_answer(path, anthropic);
  if (method == "GET" && path == "/health") return json_answer(200, {{"status", "ok"}});
  if (method != "POST") return error_answer(405, "The demo core takes POST here.");
  if (fixed) return fixed_answer(path, body, *fixed);
  try {
    return answer_body(path, Json::parse(body), serial);
  } catch (const Json::exception&) {
    return error_answer(400, "The demo core could not read this body.");
  }
}

}  // namespace menshen::demo_core
