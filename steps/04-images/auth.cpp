#include "04-images/auth.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "04-images/foreign_json.hpp"
#include "common/error.hpp"

namespace slipway {

namespace {

using Clock = std::chrono::steady_clock;
using Json = nlohmann::ordered_json;

constexpr std::size_t longest_token = 32 << 10;
// What the specification says when the server does not; an upper bound keeps
// a proof from outliving its meaning.
constexpr std::int64_t shortest_life = 60, longest_life = 86'400;
// A token that ends while the request is on its way is none.
constexpr std::chrono::seconds margin(10);

std::string basic(const Credentials& user) {
    return "Basic " + encode_base64(cat(user.username, ":", user.password));
}

Error refused(const Url& registry, bool had_credentials,
              const std::string& why) {
    std::string host = registry.host_and_port();
    return Error(ErrorKind::Unauthorized, cat(host, ": ", why))
        .advise(had_credentials
                    ? cat("the user name or the password for ", host,
                          " is wrong, or may not do this: log in again")
                    : cat("log in to ", host,
                          " first; or the name is wrong: for what does not "
                          "exist, too, registries want a login"));
}

Url realm_of(const Url& registry, const Challenge& challenge) {
    auto text = challenge.parameter("realm");
    if (!text)
        throw Error(ErrorKind::InvalidArgument,
                    cat(registry.host_and_port(),
                        ": wants a token and does not say from where"));
    Url realm = with_context(cat("token server of ", registry.host_and_port()),
                             [&] { return parse_url(*text); });
    if (registry.scheme == "https" && realm.scheme == "http")
        throw Error(ErrorKind::Forbidden,
                    cat(registry.host_and_port(), ": its token server ",
                        realm.host_and_port(), " speaks plain http"))
            .advise(
                "a password sent there could be read on the way: tell who "
                "runs the registry");
    if (realm.has_user)
        throw Error(ErrorKind::Forbidden,
                    cat(registry.host_and_port(),
                        ": the address of its token server has a user name"));
    return realm;
}

HttpRequest token_request(const Url& realm, const std::string& service,
                          const std::vector<std::string>& scopes,
                          const std::optional<Credentials>& user) {
    HttpRequest request;
    std::string url = realm.text;
    if (!service.empty()) url = with_query(url, "service", service);
    for (const std::string& scope : scopes)
        url = with_query(url, "scope", scope);
    if (user) {
        url = with_query(url, "account", user->username);
        request.authorization = basic(*user);
    }
    request.url = parse_url(url);
    return request;
}

// OAuth 2, RFC 6749, 6: a form. `form` holds its bytes while it is sent.
HttpRequest refresh_request(const Url& realm, const std::string& service,
                            const std::vector<std::string>& scopes,
                            const Credentials& user, std::string& form) {
    form = cat("grant_type=refresh_token&client_id=slipway&service=",
               url_encode(service), "&scope=", url_encode(join(scopes, " ")),
               "&refresh_token=", url_encode(user.identity_token));
    HttpRequest request;
    request.method = "POST";
    request.url = realm;
    request.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
    request.body = HttpBody::of(form);
    request.body_is_secret = true;
    return request;
}

std::string token_in(const Json& answer) {
    for (const char* name : {"token", "access_token"}) {
        auto found = answer.is_object() ? answer.find(name) : answer.end();
        if (found == answer.end() || found->is_null()) continue;
        std::string token = found->is_string() ? found->get<std::string>() : "";
        bool clean = std::all_of(token.begin(), token.end(),
                                 [](char c) { return c > ' ' && c < 0x7f; });
        if (!token.empty() && clean && token.size() <= longest_token)
            return token;
    }
    throw Error(ErrorKind::InvalidArgument,
                "what it answered has no token that could be one");
}

Proof parse_token(const std::string& body) {
    Json answer = parse_foreign_json(body);
    std::string token = token_in(answer);
    std::int64_t life = shortest_life;
    auto found = answer.find("expires_in");
    if (found != answer.end() && !found->is_null()) {
        if (!found->is_number())
            throw Error(ErrorKind::InvalidArgument, "expires_in is no number");
        double seconds = found->get<double>();
        if (seconds > static_cast<double>(shortest_life))
            life = static_cast<std::int64_t>(
                std::min(seconds, static_cast<double>(longest_life)));
    }
    return {"Bearer " + token,
            Clock::now() + std::chrono::seconds(life) - margin};
}

Proof fetch_token(HttpClient& client, const RetryPolicy& retry,
                  const Url& registry, const Challenge& challenge,
                  const std::vector<std::string>& scopes,
                  const std::optional<Credentials>& user) {
    Url realm = realm_of(registry, challenge);
    std::string service = challenge.parameter("service").value_or("");
    std::string form;
    HttpRequest request =
        user && !user->identity_token.empty()
            ? refresh_request(realm, service, scopes, *user, form)
            : token_request(realm, service, scopes, user);
    request.largest_answer = 1 << 20;
    HttpResponse answer = send_patiently(client, retry, request);
    std::string who = cat("token server ", realm.host_and_port());
    if (answer.status == 400 || answer.status == 401 || answer.status == 403)
        throw refused(registry, user.has_value(),
                      cat(who, ": ", describe_failure(answer)));
    if (answer.status != 200)
        throw Error(ErrorKind::Unavailable,
                    cat(who, ": ", describe_failure(answer)));
    return with_context(who, [&] { return parse_token(answer.body); });
}

const Challenge* find_challenge(const std::vector<Challenge>& challenges,
                                std::string_view scheme) {
    for (const Challenge& challenge : challenges)
        if (challenge.scheme == scheme) return &challenge;
    return nullptr;
}

}  // namespace

std::optional<std::string> ProofCache::find(const std::string& key) {
    std::lock_guard lock(mutex_);
    auto found = proofs_.find(key);
    if (found == proofs_.end() || found->second.expires <= Clock::now())
        return {};
    return found->second.authorization;
}

void ProofCache::put(const std::string& key, Proof proof) {
    std::lock_guard lock(mutex_);
    proofs_.insert_or_assign(key, std::move(proof));
}

void ProofCache::forget(const std::string& key) {
    std::lock_guard lock(mutex_);
    proofs_.erase(key);
}

Proof answer_challenge(HttpClient& client, const RetryPolicy& retry,
                       const Url& registry,
                       const std::vector<Challenge>& challenges,
                       const std::vector<std::string>& scopes,
                       const std::optional<Credentials>& credentials) {
    if (const Challenge* bearer = find_challenge(challenges, "bearer"))
        return fetch_token(client, retry, registry, *bearer, scopes,
                           credentials);
    if (find_challenge(challenges, "basic") == nullptr) {
        std::string schemes;
        for (const Challenge& challenge : challenges)
            schemes += cat(schemes.empty() ? "" : ", ", challenge.scheme);
        throw Error(ErrorKind::Unsupported,
                    cat(registry.host_and_port(), ": wants ",
                        schemes.empty() ? "a login without saying which"
                                        : quote(schemes)))
            .advise("only Basic and Bearer are known here");
    }
    if (!credentials || credentials->username.empty())
        throw refused(registry, false, "wants a user name and a password");
    return {basic(*credentials),
            Clock::now() + std::chrono::seconds(longest_life)};
}

std::vector<Challenge> challenges_in(const HttpHead& answer) {
    std::vector<Challenge> all;
    for (const std::string& header : answer.all("www-authenticate")) {
        std::vector<Challenge> some = parse_challenges(header);
        all.insert(all.end(), some.begin(), some.end());
    }
    return all;
}

HttpResponse send_patiently(HttpClient& client, const RetryPolicy& retry,
                            const HttpRequest& request) {
    Attempts attempts(retry);
    while (true) {
        HttpResponse response = client.send(request);
        if (!response.broken && !is_worth_retrying(response.status))
            return response;
        if (attempts.next(response.retry_after)) continue;
        if (response.broken) throw Error(*response.broken);
        Error failure(ErrorKind::Unavailable,
                      cat(response.url.host_and_port(), ": ",
                          describe_failure(response)));
        throw std::move(failure).advise(
            response.status == 429
                ? "it gets too many requests: wait, or log in, which often "
                  "raises the limit"
                : "the server has a problem: try again later");
    }
}

std::string describe_failure(const HttpResponse& response) {
    std::string text = cat("status ", response.status);
    if (response.retry_after)
        text +=
            cat(", come back in ", response.retry_after->count() / 1000, " s");
    try {
        Json body = parse_foreign_json(response.body);
        if (!body.is_object() || !body.contains("errors")) return text;
        const Json& errors = body["errors"];
        if (!errors.is_array() || errors.empty() || !errors[0].is_object())
            return text;
        for (const char* name : {"code", "message"}) {
            auto found = errors[0].find(name);
            if (found != errors[0].end() && found->is_string())
                text +=
                    cat(", ", quote(found->get<std::string>().substr(0, 300)));
        }
    } catch (const Error&) {
        // Proxies answer in HTML: the status must do.
    }
    return text;
}

}  // namespace slipway
