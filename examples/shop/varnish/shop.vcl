vcl 4.1;

import std;

# Varnish in front of the shop. Pages are kept without their offers, once for everybody; each offer is a fragment, asked
# for anew by every visitor with that visitor's own cookies, and kept by nobody.
#
#   varnishd -a :6081 -f /etc/varnish/shop.vcl -s malloc,64m

backend shop {
    .host = "127.0.0.1";
    .port = "8000";
}

# Who may say where a visitor is: the addresses of the CDN in front, if there is one. Nobody else is believed.
acl cdn {
    "192.0.2.0"/24; # documentation's own addresses: put in those of your CDN
}

sub vcl_recv {
    # What only a CDN may say, and what only this cache may.
    if (!(client.ip ~ cdn)) {
        call forget_place;
    }
    unset req.http.Surrogate-Capability;

    if (req.url ~ "^/_offers/") {
        # A fragment: never from the cache, with the cookies that came, and with the query of the page around it.
        if (req.esi_level > 0) {
            set req.url = req.url + req_top.http.X-Query;
        }
        return (pass);
    }
    if (req.method != "GET" && req.method != "HEAD") {
        return (pass);
    }
    if (req.url ~ "[?&]tea=") {
        return (pass); # a basket in the address, which every link on the page carries on
    }
    if (req.url ~ "^/static/") {
        call for_everybody;
        return (hash);
    }
    if (req.url ~ "^/(shelves/[a-z-]+|teas/[a-z-]+|story|thanks)?(\?.*)?$") {
        set req.http.X-Query = regsub(req.url, "^[^?]*", "");
        call for_everybody;
        unset req.http.If-None-Match; # a page of fragments has no state that a browser could ask about
        unset req.http.If-Modified-Since;
        set req.http.Surrogate-Capability = {"varnish="ESI/1.0""};
        return (hash);
    }
    return (pass); # the account, the basket, the choices
}

# The page is the same for all: nothing that tells one visitor from another goes to the shop.
sub for_everybody {
    set req.url = regsub(req.url, "\?.*$", "");
    unset req.http.Cookie;
    unset req.http.Authorization;
    unset req.http.Sec-GPC;
    unset req.http.Accept-Language;
    unset req.http.User-Agent;
    unset req.http.Referer;
    unset req.http.X-Forwarded-For;
    call forget_place;
}

sub forget_place {
    unset req.http.CF-IPCountry;
    unset req.http.CF-Region-Code;
    unset req.http.CF-Timezone;
    unset req.http.CF-Device-Type;
    unset req.http.CloudFront-Viewer-Country;
    unset req.http.CloudFront-Viewer-Country-Region;
    unset req.http.CloudFront-Viewer-Time-Zone;
    unset req.http.CloudFront-Is-Mobile-Viewer;
    unset req.http.CloudFront-Is-Tablet-Viewer;
    unset req.http.CloudFront-Is-Desktop-Viewer;
    unset req.http.CloudFront-Is-SmartTV-Viewer;
    unset req.http.Client-Geo-Country;
    unset req.http.Client-Geo-Region;
    unset req.http.Client-Geo-Timezone;
    unset req.http.Client-Device-Class;
}

sub vcl_hash {
    hash_data(req.url);
    hash_data(req.http.Host);
    return (lookup);
}

sub vcl_hit { set req.http.X-Cache = "hit"; }
sub vcl_miss { set req.http.X-Cache = "miss"; }
sub vcl_pass { set req.http.X-Cache = "pass"; }

sub vcl_backend_fetch {
    unset bereq.http.X-Query; # notes of our own
    unset bereq.http.X-Cache;
}

sub vcl_backend_response {
    if (beresp.http.Surrogate-Control ~ "ESI/1.0") {
        set beresp.do_esi = true;
        # How long this cache, and no other, may keep the page around the offers.
        set beresp.ttl = std.duration(regsub(beresp.http.Surrogate-Control, "^.*max-age=([0-9]+).*$", "\1s"), 0s);
    }
    set beresp.grace = 5s;
    # What is private or sets a cookie is not kept: the built-in code sees to it, by Surrogate-Control where there is one.
}

sub vcl_deliver {
    if (req.esi_level == 0) {
        set resp.http.X-Cache = req.http.X-Cache;
        set resp.http.X-Cache-Hits = obj.hits;
    }
    if (resp.http.Surrogate-Control ~ "ESI/1.0") {
        # Here it got one visitor's offers: from now on it is theirs.
        set resp.http.Cache-Control = "private, no-store";
        unset resp.http.Age;
    }
    unset resp.http.Surrogate-Control;
    unset resp.http.Via;
    unset resp.http.X-Varnish;
}
