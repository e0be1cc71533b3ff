#include "06-engine/cli/life_options.hpp"

#include <algorithm>

#include "05-build/letters.hpp"
#include "06-engine/cli/option_text.hpp"
#include "common/error.hpp"
#include "common/numbers.hpp"
#include "common/text.hpp"

namespace slipway {

RestartPolicy parse_restart(std::string_view text) {
    constexpr char option[] = "--restart";
    KeyValue parts = cut(text, ':');
    std::vector<std::string> names = {"no", "on-failure", "always",
                                      "unless-stopped"};
    if (parts.key.empty() && !parts.has_value) return {};
    if (std::find(names.begin(), names.end(), parts.key) == names.end()) {
        std::string guess = nearest(parts.key, names);
        refuse_option(option, text, "there is no such policy",
                      guess.empty() ? cat("policies are ", join(names, ", "))
                                    : cat("did you mean ", guess, "?"));
    }
    RestartPolicy policy{parts.key, 0};
    if (!parts.has_value) return policy;
    auto retries = parse_unsigned(parts.value, INT32_MAX);
    if (!retries)
        refuse_option(option, text, cat(quote(parts.value), " is no number"));
    if (policy.name != "on-failure")
        refuse_option(option, text,
                      "a number of retries is for on-failure only");
    policy.most_retries = static_cast<unsigned>(*retries);
    return policy;
}

namespace {

constexpr char log_option[] = "--log-opt";

void check_log_value(const std::string& key, const std::string& value) {
    std::string text = cat(key, "=", value);
    if (key == "max-file") {
        auto number = parse_unsigned(value, UINT16_MAX);
        if (!number || *number == 0)
            refuse_option(log_option, text, "it is no number from 1 on");
    } else if (key == "max-size") {
        if (with_context(log_option, [&] { return parse_size(value); }) == 0)
            refuse_option(log_option, text, "it is 0");
    } else if (key == "max-buffer-size") {
        with_context(log_option, [&] { parse_size(value); });
    } else if (key == "compress") {
        parse_truth(log_option, value);
    } else if (key == "mode" && value != "blocking" &&
               value != "non-blocking") {
        refuse_option(log_option, text, "modes are blocking and non-blocking");
    }
}

}  // namespace

void check_log(const HostConfig& host) {
    const std::string& driver = host.log_driver;
    if (driver != "json-file" && driver != "none" && driver != "local")
        throw Error(ErrorKind::Unsupported,
                    cat("--log-driver ", quote(driver), " is not supported"))
            .advise(
                "drivers are json-file, local and none; for another "
                "one, follow slipway logs -f");
    std::vector<std::string> keys = {
        "max-size", "max-file", "compress",     "mode", "max-buffer-size",
        "labels",   "env",      "labels-regex", "tag",  "env-regex"};
    for (const auto& [key, value] : host.log_options) {
        if (driver == "none")
            refuse_option(log_option, key, "the driver none has no options");
        if (std::find(keys.begin(), keys.end(), key) == keys.end()) {
            std::string guess = nearest(key, keys);
            refuse_option(log_option, key, cat(driver, " has no such option"),
                          guess.empty() ? cat("options are ", join(keys, ", "))
                                        : cat("did you mean ", guess, "?"));
        }
        check_log_value(key, value);
    }
}

std::string parse_stream(std::string_view text) {
    std::string stream = to_lower(text);
    if (stream != "stdin" && stream != "stdout" && stream != "stderr")
        refuse_option("--attach", text, "it is none of stdin, stdout, stderr");
    return stream;
}

void declare_health(CommandLine& line, Healthcheck& health) {
    line.value("--health-cmd", "COMMAND", "run by the shell; 0 is healthy",
               [&](auto& text) {
                   health.test = {"CMD-SHELL", text};
                   if (text.empty()) health.test.clear();
               });
    struct Span {
        const char *name, *help;
        std::uint64_t Healthcheck::*to;
    };
    for (const Span& span :
         {Span{"--health-interval", "between two checks (30s)",
               &Healthcheck::interval},
          Span{"--health-timeout", "a check that takes longer fails (30s)",
               &Healthcheck::timeout},
          Span{"--health-start-period", "failures do not count so long (0s)",
               &Healthcheck::start_period},
          Span{"--health-start-interval", "between checks in that time (5s)",
               &Healthcheck::start_interval}})
        line.value(span.name, "TIME", span.help,
                   [&health, name = span.name, to = span.to](auto& text) {
                       constexpr std::uint64_t least = 1'000'000;  // as Docker
                       health.*to = parse_span(name, text);
                       if (health.*to != 0 && health.*to < least)
                           refuse_option(name, text, "it is below 1ms");
                   });
    line.value("--health-retries", "N", "failures in a row: unhealthy (3)",
               [&](auto& text) {
                   health.retries = static_cast<std::uint64_t>(
                       parse_integer("--health-retries", text, 0, INT32_MAX));
               });
}

}  // namespace slipway
