#include "04-images/login.hpp"

#include <stdlib.h>

#include "common/error.hpp"
#include "common/text.hpp"

namespace slipway {

void check_login(const std::string& registry, const Credentials& credentials,
                 RegistryOptions options) {
    options.credentials = [&](const std::string&) { return credentials; };
    // Any repository: only the server behind it is asked.
    Reference any{registry, "library/login", "latest", {}};
    Repository repository(any, std::move(options));
    const Endpoint& endpoint = repository.origin();
    HttpRequest request;
    request.url = resolve_url(endpoint.base, "/v2/");
    HttpResponse response = repository.send_patiently(endpoint, request, {});
    if (response.status == 401)
        throw Error(ErrorKind::Unauthorized, cat("login to ", registry,
                                                 ": user name or password is "
                                                 "wrong"))
            .advise("nothing was saved");
    expect_status(response, {200}, cat("login to ", registry));
}

std::string login_file() {
    if (const char* config = ::getenv("XDG_CONFIG_HOME");
        config && *config == '/')
        return cat(config, "/slipway/auth.json");
    if (const char* home = ::getenv("HOME"); home && *home == '/')
        return cat(home, "/.config/slipway/auth.json");
    return {};
}

std::optional<Credentials> find_login(const std::string& registry) {
    for (const std::string& file : {login_file(), docker_config_path()}) {
        if (file.empty()) continue;
        if (auto credentials = find_credentials(file, registry))
            return credentials;
    }
    return {};
}

}  // namespace slipway
