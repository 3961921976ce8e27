create table if not exists app_user (
    id    bigint primary key,
    name  text not null,
    email text not null
);

create table if not exists sale (
    id     bigint primary key,
    region text not null,
    amount numeric(10, 2) not null
);

create table if not exists event (
    id      uuid primary key,
    type    text not null,
    detail  text not null,
    created timestamptz not null default now()
);

-- No foreign key: it says what was attempted, whether or not the event was saved.
create table if not exists event_audit (
    event_id uuid not null,
    type     text not null,
    created  timestamptz not null default now()
);
