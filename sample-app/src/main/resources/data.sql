insert into app_user (id, name, email) values
    (1, 'Ada Lovelace', 'ada@example.org'),
    (2, 'Grace Hopper', 'grace@example.org'),
    (3, 'Edsger Dijkstra', 'edsger@example.org')
on conflict (id) do nothing;

insert into sale (id, region, amount)
select i, (array['East', 'North', 'South', 'West'])[1 + i % 4], 10 + i * 37 % 490
from generate_series(1, 1000) as i
on conflict (id) do nothing;
