// libcurl, loaded when it is first needed: with all that it brings along it
// takes longer to load than an unchanged build takes altogether.
#pragma once

#include <curl/curl.h>

namespace slipway {

/// The functions of libcurl that are used here, under their own names without
/// the "curl_". Source: https://curl.se/libcurl/c/
struct CurlLibrary {
    decltype(&::curl_easy_cleanup) easy_cleanup;
    decltype(&::curl_easy_getinfo) easy_getinfo;
    decltype(&::curl_easy_init) easy_init;
    decltype(&::curl_easy_perform) easy_perform;
    decltype(&::curl_easy_reset) easy_reset;
    decltype(&::curl_easy_setopt) easy_setopt;
    decltype(&::curl_easy_strerror) easy_strerror;
    decltype(&::curl_free) free;
    decltype(&::curl_slist_append) slist_append;
    decltype(&::curl_slist_free_all) slist_free_all;
    decltype(&::curl_url) url;
    decltype(&::curl_url_cleanup) url_cleanup;
    decltype(&::curl_url_get) url_get;
    decltype(&::curl_url_set) url_set;
    decltype(&::curl_url_strerror) url_strerror;
    decltype(&::curl_version) version;
    decltype(&::curl_version_info) version_info;
};

/// Loads it at the first call and keeps it; any thread may call. Throws
/// Unsupported when it is not installed.
const CurlLibrary& curl();

}  // namespace slipway
